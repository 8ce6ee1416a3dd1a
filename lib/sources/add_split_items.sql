-- parameters: path
INSERT INTO split_items
SELECT CAST(? AS VARCHAR), archive_item(text) FROM (SELECT unnest(getvariable('split_texts')) AS text)

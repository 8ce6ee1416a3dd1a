INSERT INTO split_items
SELECT path, archive_item(text)
FROM (SELECT unnest(getvariable('split_paths')) AS path, unnest(getvariable('split_texts')) AS text)

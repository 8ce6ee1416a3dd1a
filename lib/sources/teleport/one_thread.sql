-- From here on one lot of rows is held, not one for each processor. Only for DuckDB.
SET GLOBAL threads = 1

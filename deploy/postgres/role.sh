#!/bin/sh
# PostgreSQL's image runs this once, on an empty volume: a role without rights beyond its own database.
psql -v ON_ERROR_STOP=1 -v password="$NASHRA_PASSWORD" -d postgres <<'SQL'
CREATE ROLE nashra LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE nashra OWNER nashra;
REVOKE CONNECT, TEMPORARY ON DATABASE nashra FROM PUBLIC;
SQL

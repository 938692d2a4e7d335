#!/bin/sh
# Creates the role of the services when PostgreSQL's volume is new. It owns one schema, and can neither
# create databases and roles nor read files of the server.
set -eu
psql --set=ON_ERROR_STOP=1 --no-psqlrc --quiet --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=role="$DATABASE_ROLE" --set=password="$DATABASE_PASSWORD" --set=database="$POSTGRES_DB" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password'
  NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE SCHEMA :"role" AUTHORIZATION :"role";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO :"role";
ALTER ROLE :"role" IN DATABASE :"database" SET search_path = :"role";
SQL

#!/bin/sh
# Restores a dump of release 0.2.0 (standard input, from `pg_dump --format=custom`) into a new volume,
# for the role and the schema that create-role.sh has created there.
set -eu
export PGPASSWORD="${PGPASSWORD:-$POSTGRES_PASSWORD}"
run_sql() {
  psql --set=ON_ERROR_STOP=1 --no-psqlrc --quiet --single-transaction \
    --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --set=role="$DATABASE_ROLE"
}
echo 'GRANT CREATE, USAGE ON SCHEMA public TO :"role";' | run_sql
pg_restore --exit-on-error --no-owner --no-privileges --schema=public \
  --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --role="$DATABASE_ROLE"
run_sql <<'SQL'
DROP SCHEMA :"role";
ALTER SCHEMA public RENAME TO :"role";
ALTER SCHEMA :"role" OWNER TO :"role";
CREATE SCHEMA public;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL

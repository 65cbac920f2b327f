#!/bin/sh
# Run once by the database's container: an owner that migrates, an application that owns nothing, and their database.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres -v owner="$(cat /run/secrets/owner_password)" -v app="$(cat /run/secrets/app_password)" <<'SQL'
CREATE ROLE steun_owner LOGIN PASSWORD :'owner';
CREATE ROLE steun_app LOGIN PASSWORD :'app';
CREATE DATABASE steun OWNER steun_owner;
SQL

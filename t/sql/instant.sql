-- rights.instant writes what the programs write (lib/json.c, json_put_time): a fraction of six digits, where there is one.
begin;
select plan(9);
select is(rights.instant(at), text, text) from (values
	('2026-03-29 01:00:00Z'::timestamptz, '2026-03-29T01:00:00Z'),
	('2026-03-29 03:30:10.5+02', '2026-03-29T01:30:10.500000Z'),
	('2026-03-29 01:00:00.000001Z', '2026-03-29T01:00:00.000001Z'),
	('2026-12-31 23:59:59.123450Z', '2026-12-31T23:59:59.123450Z'),
	('1969-12-31 23:59:59.25Z', '1969-12-31T23:59:59.250000Z'),
	('2024-02-29 10:20:30Z', '2024-02-29T10:20:30Z')) t (at, text);
set local time zone 'Asia/Kolkata';
select is(rights.instant('2026-03-29 10:00:00Z'), '2026-03-29T10:00:00Z', 'whatever the zone');
select is(rights.instant(null), null, 'of none');
select is(array_agg(p.oid::regprocedure::text), '{rights.instant(timestamp with time zone)}', 'nothing else writes instants')
from pg_proc p where p.pronamespace >= 16384 and p.prosrc || coalesce(pg_get_function_sqlbody(p.oid), '') like '%HH24:MI:SS%' and p.prorettype = 'text'::regtype;
select * from finish();
rollback;

-- What the program's own database role may do in the schema vigil, beside the rights that
-- data/store/privileges.py gives it table by table. Run by the owner after each migration.

-- Nobody but the owner changes what is kept for good, also where a right was given by mistake.
create or replace function vigil.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
        return coalesce(new, old);
    end if;
    raise insufficient_privilege using message = format('%s is append-only', tg_table_name);
end
$$;

-- One day's partition. As the owner, because who makes a table could also alter and drop it.
create or replace function vigil.make_day(parent text, day date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    part text := format('%s_p%s', parent, to_char(day, 'YYYYMMDD'));
begin
    if not exists (select from pg_partitioned_table
                   where partrelid = to_regclass(format('vigil.%I', parent))) then
        raise invalid_parameter_value using message = 'a table without day partitions';
    end if;
    execute format('create table vigil.%I (like vigil.%I including defaults including constraints)',
                   part, parent);
    execute format('alter table vigil.%I attach partition vigil.%I for values from (%L) to (%L)',
                   parent, part, day::timestamp at time zone 'UTC',
                   (day + 1)::timestamp at time zone 'UTC');
end
$$;

-- Statistics after an import; only an owner may gather them.
create or replace function vigil.analyze_basemap() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    analyze vigil.basemap_street, vigil.basemap_area;
end
$$;

revoke execute on all functions in schema vigil from public;

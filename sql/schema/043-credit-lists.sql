-- Who a title is by, in the order that its page has: one look-up, without one for each person.
-- People and credits are read while this runs, and written after it.
lock table content.person, content.credit in share row exclusive mode;

create table content.credit_list (
	item_id bigint not null,
	actor_ids bigint[],
	actor_names text[],
	characters text[],
	crew_ids bigint[],
	crew_names text[],
	crew_roles text[]
);
comment on table content.credit_list is 'content.credit_list_now, a row for each title with credits; triggers write it, nothing else does';

-- The inner order is that of the index; one in each array_agg would be a sort for each.
create view content.credit_list_now as
	select i.id as item_id, who.*
	from content.item i
	cross join lateral (
		select array_agg(c.id) filter (where c.role = 'actor') as actor_ids,
		       array_agg(c.name) filter (where c.role = 'actor') as actor_names,
		       array_agg(c.character) filter (where c.role = 'actor') as characters,
		       array_agg(c.id) filter (where c.role <> 'actor') as crew_ids,
		       array_agg(c.name) filter (where c.role <> 'actor') as crew_names,
		       array_agg(c.role) filter (where c.role <> 'actor') as crew_roles
		from (
			select p.id, p.name, c.role, c.character
			from content.credit c
			join content.person p on p.id = c.person_id
			where c.item_id = i.id
			order by c.role, c.position
		) c
		having count(*) > 0
	) who;

insert into content.credit_list select l.* from content.credit_list_now l order by l.item_id;
alter table content.credit_list
	add constraint credit_list_pkey primary key (item_id),
	add constraint credit_list_item_fkey foreign key (item_id) references content.item on delete cascade;
analyze content.credit_list;
grant select on content.credit_list to tv_ondemand;

-- What others are just changing is waited for, and read after that.
create function content.write_credit_lists(items bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform from content.credit_list l where l.item_id = any (items) order by l.item_id for no key update;
	delete from content.credit_list l
		where l.item_id = any (items)
		  and not exists (select from content.credit c where c.item_id = l.item_id);
	insert into content.credit_list
		select n.* from unnest(items) w (id) join content.credit_list_now n on n.item_id = w.id
		on conflict on constraint credit_list_pkey do update
			set actor_ids = excluded.actor_ids, actor_names = excluded.actor_names, characters = excluded.characters,
			    crew_ids = excluded.crew_ids, crew_names = excluded.crew_names, crew_roles = excluded.crew_roles
			where credit_list.* is distinct from excluded.*;
end $$;

-- Who writes credits holds the titles, as who edits them does before, and the names of their people; who gives somebody another
-- name holds that, and looks for titles after it.
create function content.keep_credit_lists(items bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
begin
	if items = '{}' then
		return;
	end if;
	perform from content.item i where i.id = any (items) order by i.id for no key update;
	perform from content.person p
		where p.id in (select c.person_id from content.credit c where c.item_id = any (items))
		order by p.id
		for share;
	perform content.write_credit_lists(items);
end $$;

create function content.credits_made() returns trigger
	language plpgsql security definer set search_path = ''
	as $$ begin perform content.keep_credit_lists(array(select distinct m.item_id from made m)); return null; end $$;
create function content.credits_changed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform content.keep_credit_lists(array(select m.item_id from made m union select o.item_id from was o));
	return null;
end $$;
create trigger credit_list_made after insert on content.credit
	referencing new table as made for each statement execute function content.credits_made();
create trigger credit_list_gone after delete on content.credit
	referencing old table as made for each statement execute function content.credits_made();
create trigger credit_list_changed after update on content.credit
	referencing old table as was new table as made for each statement execute function content.credits_changed();

create function content.people_renamed() returns trigger
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform content.write_credit_lists(array(
		select distinct c.item_id
		from made m join was o on o.id = m.id join content.credit c on c.person_id = m.id
		where m.name <> o.name));
	return null;
end $$;
create trigger person_renamed after update on content.person
	referencing old table as was new table as made for each statement execute function content.people_renamed();

-- A channel's name and logo stand beside its place in the order, so the guide looks up no item for each of its channels.
-- The trigger comes first: nobody writes an item from then on until this is done.
create or replace trigger channel_item_line_up after update of title, poster, min_age, state on content.item
	for each row when (new.kind = 'channel' and (old.title, old.poster, old.min_age, old.state)
	                   is distinct from (new.title, new.poster, new.min_age, new.state))
	execute function live.line_up_item();

alter table live.lineup
	add column name text not null default '',
	add column logo text;

create or replace function live.line_up(channels bigint[]) returns void
	language plpgsql security definer set search_path = ''
	as $$
begin
	delete from live.lineup where channel_id = any (channels);
	insert into live.lineup (facet, number, channel_id, min_age, name, logo)
		select distinct concat_ws(' ', g.facet, k.facet, l.facet), c.number, c.id, i.min_age, i.title, i.poster
		from live.channel c
		join content.item i on i.id = c.id
		cross join lateral (values (null), ('g:' || c.group_slug)) g (facet)
		cross join lateral (values (null), ('c:' || c.country)) k (facet)
		cross join lateral (select null union all select 'l:' || x from unnest(c.languages) x) l (facet)
		where c.id = any (channels) and not c.hidden and i.state = 'published';
end $$;
select live.line_up(array(select c.id from live.channel c));
alter table live.lineup alter column name drop default;

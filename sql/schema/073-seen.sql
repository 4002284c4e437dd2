-- What viewers say of what they have watched: that a title is seen, or that it was never watched.

create view content.part as
	select t.item_id as whole_id, t.item_id as id, t.season_number, t.number, t.published, t.opens, t.closes, t.min_age as effective_age
	from rights.topic t
	where t.kind in ('movie', 'episode')
	union all
	select t.series_id, t.item_id, t.season_number, t.number, t.published, t.opens, t.closes, t.min_age
	from rights.topic t
	where t.number is not null
	union all
	select s.id, t.item_id, t.season_number, t.number, t.published, t.opens, t.closes, t.min_age
	from content.season s
	join rights.topic t on t.series_id = s.series_id and t.season_number = s.number and t.number is not null;
comment on view content.part is 'what is watched of a title: the episodes of a series or season; a movie or an episode itself';
grant select on content.part to tv_users;

create function content.is_open(opens timestamptz, closes timestamptz) returns boolean
	language sql stable parallel safe
	return (opens is null or opens <= now()) and (closes is null or closes > now());

-- Who changes what sessions write holds them first, as heartbeats do, and no other one begins meanwhile. It holds none while it waits
-- for one that a statement with heartbeats of several may want next.
create function play.hold_sessions(account bigint) returns void
	language plpgsql set search_path = ''
	as $$
begin
	for attempt in 1 .. 100 loop
		begin
			perform from play.session s where s.account_id = account order by s.id for update nowait;
			return;
		exception when lock_not_available then -- those that were locked are not any more
			perform pg_sleep(0.005);
		end;
	end loop;
	perform from play.session s where s.account_id = account order by s.id for update;
end $$;
revoke execute on function play.hold_sessions(bigint) from public;

create or replace function play.hold(account bigint) returns void
	language plpgsql set search_path = ''
	as $$
begin
	perform pg_advisory_xact_lock(hashint8extended(account, 7226823351)); -- no other one starts, or takes one of these over
	perform from users.account a where a.id = account for update;
	perform play.hold_sessions(account);
end $$;

-- The next heartbeat of what runs writes its position and its entry anew, and a viewing when that is gone. Items null: of all.
create function play.write_anew(account bigint, profile bigint, items bigint[], viewing_gone boolean) returns void
	language plpgsql set search_path = ''
	as $$
begin
	perform pg_advisory_xact_lock(hashint8extended(account, 7226823351));
	perform play.hold_sessions(account);
	update play.session s
		set noted_at = null, history_id = case when not viewing_gone then s.history_id end
		where s.account_id = account and s.profile_id = profile and s.ended_at is null and (items is null or s.item_id = any(items));
end $$;
revoke execute on function play.write_anew(bigint, bigint, bigint[], boolean) from public;

-- What has ended is kept for a day otherwise.
create function play.forget(account bigint, profile bigint, items bigint[]) returns void
	language sql set search_path = ''
	begin atomic
		delete from play.session s
		where s.account_id = account and s.profile_id = profile and (items is null or s.item_id = any(items))
		  and (s.ended_at is not null or s.seen_at <= play.alive_since(now()));
	end;
revoke execute on function play.forget(bigint, bigint, bigint[]) from public;

-- As if it had been watched to its end, but without a viewing in the history: nobody has. Of a series, or a season, all that can be
-- watched now. Who was at one of these goes on with the next one that is not seen; so does who had not begun.
create function users.mark_seen(account bigint, profile bigint, age int, content bigint) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
declare
	parts bigint[];
	whole bigint;
	place bigint;
	following bigint;
begin
	select coalesce(t.series_id, t.item_id) into whole
		from content.card c
		join rights.topic t on t.item_id = c.id
		where c.id = content and c.effective_age <= age and c.kind in ('movie', 'series', 'season', 'episode');
	if not found then
		return false;
	end if;
	parts := array(
		select p.id from content.part p
		where p.whole_id = content and p.published and content.is_open(p.opens, p.closes) and p.effective_age <= age
		order by p.season_number, p.number);
	perform play.write_anew(account, profile, parts, false);
	insert into users.progress (profile_id, item_id, position, duration, finished)
		select profile, i.id, d.seconds, d.seconds, true
		from content.item i
		left join content.media m on m.item_id = i.id
		left join content.package k on k.directory = m.directory
		cross join lateral (select coalesce(round(k.duration / 1000.0)::int, i.runtime, 0) as seconds) d
		where i.id = any(parts)
		order by i.id
		on conflict on constraint progress_pkey
		do update set position = excluded.position, duration = excluded.duration, finished = true, updated_at = now()
		where not progress.finished or progress.position <> excluded.position;
	select r.item_id into place from users.resume r where r.profile_id = profile and r.group_id = whole;
	if found and not place = any(parts) then
		return true;
	end if;
	place := coalesce(place, parts[cardinality(parts)]);
	select n.item_id into following
		from rights.topic e
		join rights.topic n on n.series_id = e.series_id and n.number is not null and (n.season_number, n.number) > (e.season_number, e.number)
		where e.item_id = place
		  and e.number is not null
		  and n.published
		  and (select content.is_open(t.available_from, t.available_until) from content.item t where t.id = n.season_id)
		  and not exists (select from users.progress g where g.profile_id = profile and g.item_id = n.item_id and g.finished)
		order by n.season_number, n.number
		limit 1;
	if following is null then
		delete from users.resume r where r.profile_id = profile and r.group_id = whole;
	else
		insert into users.resume (profile_id, group_id, item_id)
			values (profile, whole, following)
			on conflict on constraint resume_pkey do update set item_id = excluded.item_id, updated_at = now();
	end if;
	return true;
end $$;

-- The entry of a series, after these episodes of it have become ones that were never watched.
create function users.begin_again(profile bigint, whole bigint, gone bigint[]) returns void
	language plpgsql set search_path = ''
	as $$
declare
	before_it bigint;
begin
	if not exists (select from content.part p
	               join users.progress g on g.profile_id = profile and g.item_id = p.id
	               where p.whole_id = whole and (g.finished or play.phase(g.position, g.duration) > 0)) then
		delete from users.resume r where r.profile_id = profile and r.group_id = whole;
		return;
	end if;
	select b.id into before_it
		from users.resume r
		join content.part e on e.whole_id = whole and e.id = r.item_id
		join content.part b on b.whole_id = whole and (b.season_number, b.number) < (e.season_number, e.number) and b.published
		where r.profile_id = profile and r.group_id = whole
		order by b.season_number desc, b.number desc
		limit 1;
	update users.resume r
		set item_id = f.id
		from (select p.id from content.part p where p.whole_id = whole and p.id = any(gone) order by p.season_number, p.number limit 1) f
		where r.profile_id = profile and r.group_id = whole
		  and (r.item_id = any(gone) or before_it = any(gone))
		  and not exists (select from users.progress g where g.profile_id = profile and g.item_id = r.item_id);
end $$;
revoke execute on function users.begin_again(bigint, bigint, bigint[]) from public;

-- As if the profile had never watched this: a movie, a channel, an episode, all of a season or a series. What is playing stays, and is
-- written anew by its next heartbeat. The clock of a rental runs on.
create function users.forget(account bigint, profile bigint, content bigint) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
declare
	items bigint[] := array(select p.id from content.part p where p.whole_id = content union select content);
	gone bigint[];
begin
	perform play.write_anew(account, profile, items, true);
	perform play.forget(account, profile, items);
	delete from users.history h where h.profile_id = profile and h.item_id = any(items);
	with deleted as (
		delete from users.progress g where g.profile_id = profile and g.item_id = any(items) returning g.item_id
	)
	select array_agg(d.item_id) into gone from deleted d;
	if gone is not null then
		perform users.begin_again(profile, coalesce(t.series_id, t.item_id), gone) from rights.topic t where t.item_id = content;
	end if;
	return true;
end $$;

-- All that the profile has watched.
create function users.forget_all(account bigint, profile bigint) returns boolean
	language plpgsql security definer set search_path = ''
	as $$
begin
	perform play.write_anew(account, profile, null, true);
	perform play.forget(account, profile, null);
	delete from users.history h where h.profile_id = profile;
	delete from users.progress g where g.profile_id = profile;
	delete from users.resume r where r.profile_id = profile;
	return true;
end $$;

do $$
declare
	f regprocedure;
begin
	foreach f in array array['users.mark_seen(bigint, bigint, int, bigint)', 'users.forget(bigint, bigint, bigint)',
	                         'users.forget_all(bigint, bigint)']::regprocedure[] loop
		execute format('revoke execute on function %s from public', f);
		execute format('grant execute on function %s to tv_users', f);
	end loop;
end $$;

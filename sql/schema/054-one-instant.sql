-- One function writes instants, as the programs do: of three each had its own idea of a fraction.

create or replace function rights.instant(at timestamptz) returns text
	language sql stable parallel safe
	return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS' || case when date_trunc('second', at) = at then '"Z"' else '.US"Z"' end);
comment on function rights.instant(timestamptz) is 'RFC 3339 as the programs write it: six digits of a fraction, where there is one';

create or replace function live.guide_pages_of(channels bigint[], since timestamptz, till timestamptz) returns setof live.guide_page
	language sql stable
	begin atomic
		select c.id, m.starts, m.max_age, m.carried, m.start_at, m.end_at, m.min_age, m.cuts, m.body
		from unnest(channels) c (id)
		cross join lateral (
			select o.starts, max(o.min_age) as max_age, (count(*) filter (where o.start_at < o.starts))::smallint as carried,
			       array_agg(o.start_at) as start_at, array_agg(o.end_at) as end_at, array_agg(o.min_age) as min_age,
			       0 || array_agg(o.cut) as cuts, convert_to(string_agg(o.piece, ''), 'UTF8') as body
			from (
				select g.starts, j.start_at, j.end_at, j.min_age, j.piece,
				       (sum(octet_length(j.piece)) over (partition by g.starts order by j.start_at))::int as cut
				from (
					select p.start_at, p.end_at, p.min_age, row_to_json(x)::text || ',' as piece
					from live.programme p
					cross join lateral (
						select p.id, p.title, p.subtitle, rights.instant(p.start_at) as start, rights.instant(p.end_at) as "end",
						       p.category, p.season, p.episode, p.min_age
					) x
					where p.channel_id = c.id
					  and p.start_at > since - interval '24 hours'
					  and p.start_at < till + interval '8 hours'
					  and p.end_at > since
					offset 0
				) j
				cross join lateral generate_series(greatest(live.page_start(j.start_at), since), least(j.end_at - interval '1 us', till),
				                                   interval '8 hours') g (starts)
				order by g.starts, j.start_at
			) o
			group by o.starts
		) m;
	end;

create or replace function play.sessions_json(account bigint, age int) returns json
	language sql stable
	begin atomic
		select json_agg(json_build_object(
			'id', r.id,
			'content', case when c.id is not null then json_build_object('id', c.id, 'kind', c.kind, 'title', c.title) end,
			'device_name', r.device_name,
			'started_at', rights.instant(r.started_at)) order by r.started_at, r.id)
		from play.running r
		left join content.card c on c.id = r.item_id and c.effective_age <= age
		where r.account_id = account;
	end;

create or replace function play.over(account bigint, session bigint, number bigint,
                          out outcome text, out refusal json, out expires_at timestamptz)
	language plpgsql
	as $$
declare
	s play.session;
begin
	select p.* into s from play.session p where p.id = session and p.account_id = account for update;
	if not found then
		outcome := 'not_found';
		return;
	elsif s.ended_at is null then
		perform play.finish(s, 'lapsed', s.seen_at);
		s.ended_how := 'lapsed';
		s.ended_at := s.seen_at;
	elsif s.ended_how = 'stopped' and number <= s.seq then
		outcome := 'ok';
		expires_at := s.url_until;
		return;
	end if;
	outcome := case s.ended_how when 'taken_over' then 'taken_over' else 'session_over' end;
	refusal := json_build_object('ended', s.ended_how, 'ended_at', rights.instant(s.ended_at), 'by',
		case when s.ended_how in ('taken_over', 'deleted') then json_build_object('device_name', s.ended_device, 'profile',
			(select json_build_object('id', p.id, 'name', p.name) from users.profile p where p.id = s.ended_profile_id)) end);
end $$;

drop function live.instant(timestamptz);
drop function play.utc(timestamptz);

-- What a profile goes on with, and has watched, names the series of an episode.
grant select (id, title) on content.item to tv_users;

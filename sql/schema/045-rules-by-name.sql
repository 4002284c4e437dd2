-- Lists of rules and grants say which title it is.
grant select (id, title) on content.item to tv_rights;

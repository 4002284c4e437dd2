# Turns files of queries ("-- name: movie_list", then the statement) into C.
#   awk -v program=ondemand -v out=header|table -f embed.awk common.sql ondemand.sql …
# "-- part: card" names a piece of text that later statements take in as @card@.
# header: enum of Q_MOVIE_LIST …; table: the array of names and texts. A misspelt name does not compile.
# "-- together: bigint, text" under a name gives the types of $1, $2: behind it then stands the statement NAME_together, which
# takes an array of each and answers all who ask; _n says whose a row is. "-- together: NAME_together": it is the next one, written out.
# Comments and indentation are left out of the text: they would cost at each prepare.

function flush_query(   part) {
	if (name == "")
		return
	sub(/;?[ \n]*$/, "", text)
	for (part in parts)
		gsub("@" part "@", parts[part], text)
	if (match(text, /@[a-z_]+@/)) {
		print FILENAME ": query " name ": no part " substr(text, RSTART, RLENGTH) > "/dev/stderr"
		exit 1
	}
	if (text == "") {
		print FILENAME ": query " name " is empty" > "/dev/stderr"
		exit 1
	}
	if (is_part) {
		gsub(/[&\\]/, "\\\\&", text)
		parts[name] = text
	} else {
		names[++n] = name
		texts[n] = text
		if (types == name "_together")
			together[n] = 1
		else if (types != "")
			add_together()
	}
	name = text = types = ""
}

# The rows of one of those that ask stay in the order that the statement gives them: it is run for one after the other.
function add_together(   type, k, i, arrays, columns) {
	k = split(types, type, /, */)
	for (i = k; i; i--)
		gsub("[$]" i, "asked.v" i, text)
	for (i = 1; i <= k; i++) {
		arrays = arrays (i > 1 ? ", " : "") "$" i "::" type[i] "[]"
		columns = columns "v" i ", "
	}
	together[n] = 1
	names[++n] = name "_together"
	texts[n] = "select asked.n as _n, answer.* from unnest(" arrays ") with ordinality asked (" columns "n) cross join lateral (" \
	           text ") answer"
}

FNR == 1 { flush_query() }

/^-- (name|part): / {
	flush_query()
	is_part = $2 == "part:"
	name = $3
	if ((is_part, name) in seen) {
		print FILENAME ": " name " stands twice" > "/dev/stderr"
		exit 1
	}
	seen[is_part, name] = 1
	next
}

/^-- together: / {
	types = substr($0, 14)
	next
}

/^[ \t]*--/ || /^[ \t]*$/ { next }

{
	line = $0
	sub(/[ \t]+-- .*$/, "", line)
	sub(/^[ \t]+/, "", line)
	gsub(/\\/, "&&", line)
	gsub(/"/, "\\\"", line)
	text = text (text == "" ? "" : " ") line
}

END {
	flush_query()
	if (out == "header") {
		guard = toupper(program) "_QUERIES_H"
		printf "#ifndef %s\n#define %s\n#include \"db.h\"\n", guard, guard
		printf "extern const struct query %s_queries[];\nenum {\n\tQ_NONE%s,\n", program, program == "common" ? "_COMMON" : ""
		for (i = 1; i <= n; i++)
			printf "\tQ_%s%s,\n", program == "common" ? "COMMON_" : "", toupper(names[i])
		printf "\tQ_COUNT%s\n};\n#endif\n", program == "common" ? "_COMMON" : ""
	} else {
		printf "#include \"%s.queries.h\"\nconst struct query %s_queries[] = {\n\t{ 0, 0 },\n", program, program
		for (i = 1; i <= n; i++)
			printf "\t{ \"%s\",\n\t  \"%s\"%s },\n", names[i], texts[i], together[i] ? ", true" : ""
		printf "};\n"
	}
}

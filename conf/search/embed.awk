# Turns JSON documents into C strings: awk -f embed.awk index.json query.json … gives search_index_json, search_query_json …
# Indentation is left out; a blank inside a string at the beginning of a line would be lost, so none stands there.

FNR == 1 {
	if (name != "")
		print ";"
	else
		print "#ifndef SEARCH_JSON_H\n#define SEARCH_JSON_H"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.json$/, "", name)
	printf "static const char search_%s_json[] __attribute__((unused)) =", name
}

{
	sub(/^[ \t]+/, "")
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	printf "\n\t\"%s\"", $0
}

END { print ";\n#endif" }

/* A disk that is full is seen where a file is closed, at the latest. */
#include "play-files.h"

#include <sys/stat.h>

bool
files_complain(const char *file, const char *what)
{
	fprintf(stderr, "play: %s: %s\n", file, what);
	return false;
}

bool
files_directory(const char *path)
{
	return mkdir(path, 0755) == 0 || files_complain(path, "cannot be made");
}

char *
files_read(struct arena *a, const char *path, size_t most, size_t *len)
{
	char *text = arena_space(a, most + 2);
	FILE *f = fopen(path, "re");
	if (!f)
		return NULL;
	*len = fread(text, 1, most + 1, f);
	bool good = !ferror(f) && *len <= most;
	text[*len] = 0;
	fclose(f);
	return good ? text : NULL;
}

bool
files_write(const char *path, const struct buf *text)
{
	FILE *f = fopen(path, "we");
	bool good = f && fwrite(text->data, 1, text->len, f) == text->len;
	good = f && fclose(f) == 0 && good;
	return good || files_complain(path, "cannot be written");
}

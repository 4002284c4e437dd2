/* Calls that have no safe use here. Included first everywhere; a use does not compile. */
#ifndef BANNED_H
#define BANNED_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok strncpy strncat
#pragma GCC poison atoi atol atof gmtime localtime ctime asctime tmpnam mktemp

#endif

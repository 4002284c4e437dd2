#!/bin/bash
# Makes the media of the demonstration anew: three minutes of test pictures with a clock and tones,
# in two renditions, subtitles, and pictures for the seek bar. What it writes is committed, so running Antenna needs no ffmpeg;
# making it takes ffmpeg and the DejaVu fonts. "demo-media.sh [DIRECTORY]"
set -eu
target=${1:-$(dirname "$(readlink -f "$0")")/../sql/demo/media}
seconds=180 rate=25 part=6
font=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
work=$(mktemp -d "${TMPDIR:-/tmp}/demo-media.XXXXXX")
trap 'rm -rf "$work"' EXIT

# A mast between two swinging lights, a bar that crosses the picture once a part, title and clock.
picture()
{
	local text="drawtext=fontfile=$font:fontcolor=white"
	tr -d '\n\t' <<-END
		color=c=0x12343b:s=640x360:r=$rate:d=$seconds,format=yuv420p,
		drawbox=x=318:y=110:w=4:h=150:c=0xe1b382:t=fill,
		$text:fontsize=44:x=(w-tw)/2:y=40:text='Antenna',
		$text:fontsize=22:x=(w-tw)/2:y=275:text='Test transmission',
		$text:fontsize=34:x=(w-tw)/2:y=310:text='%{pts\:hms}'[still];
		color=c=0xe1b382:s=40x12:r=$rate:d=$seconds[bar];
		color=c=0xc89666:s=28x28:r=$rate:d=$seconds,split=2[left][right];
		[still][bar]overlay=x='mod(t,$part)*680/$part-40':y=0[one];
		[one][left]overlay=x='220-120*sin(2*PI*t/$part)':y='180-60*cos(2*PI*t/2)'[two];
		[two][right]overlay=x='392+120*sin(2*PI*t/$part)':y='180+60*cos(2*PI*t/2)'
	END
}

# A tick each second, a chord at the beginning of each part.
sound()
{
	tr -d '\n\t' <<-END
		aevalsrc='0.2*sin(2*PI*880*t)*lt(mod(t,1),0.08)
		+0.1*(sin(2*PI*220*t)+sin(2*PI*277.2*t)+sin(2*PI*329.6*t))*lt(mod(t,$part),1.5)
		*(1-mod(t,$part)/1.5)':s=48000:d=$seconds
	END
}

renditions()
{
	ffmpeg -nostdin -v error -y -f lavfi -i "$(picture)" -f lavfi -i "$(sound)" \
		-filter_complex '[0:v]split=2[large][s];[s]scale=320:180[small]' \
		-map '[large]' -map 1:a -map '[small]' -map 1:a \
		-t $seconds -c:v libx264 -preset veryslow -profile:v main -pix_fmt yuv420p \
		-map_metadata -1 -g $((rate * part)) -keyint_min $((rate * part)) -sc_threshold 0 \
		-crf:v:0 28 -maxrate:v:0 75k -bufsize:v:0 280k -level:v:0 3.0 \
		-crf:v:1 28 -maxrate:v:1 30k -bufsize:v:1 120k -level:v:1 3.0 \
		-c:a aac -ac 1 -ar 48000 -b:a:0 24k -b:a:1 16k \
		-f hls -hls_time $part -hls_playlist_type vod -hls_segment_type fmp4 \
		-hls_flags independent_segments -hls_fmp4_init_filename init.mp4 \
		-var_stream_map 'v:0,a:0,name:360p v:1,a:1,name:180p' -master_pl_name master.m3u8 \
		-hls_segment_filename "$work/%v/%05d.m4s" "$work/%v/index.m3u8"
}

subtitles()
{
	local at n=0
	mkdir "$work/en"
	printf 'WEBVTT\n\n' > "$work/en/subtitles.vtt"
	for ((at = 0; at < seconds; at += part)); do
		n=$((n + 1))
		printf '%02d:%02d.500 --> %02d:%02d.500\nPart %d of %d\n\n' $((at / 60)) $((at % 60)) \
			$(((at + part - 2) / 60)) $(((at + part - 2) % 60)) $n $((seconds / part))
	done >> "$work/en/subtitles.vtt"
	cat > "$work/en/index.m3u8" <<-END
		#EXTM3U
		#EXT-X-VERSION:3
		#EXT-X-TARGETDURATION:$seconds
		#EXT-X-PLAYLIST-TYPE:VOD
		#EXTINF:$seconds.000,
		subtitles.vtt
		#EXT-X-ENDLIST
	END
	sed -i -e 's/^\(#EXT-X-STREAM-INF:.*\)$/\1,SUBTITLES="subs"/' \
		-e '2a #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English",LANGUAGE="en",AUTOSELECT=YES,DEFAULT=NO,URI="en/index.m3u8"' \
		"$work/master.m3u8"
}

# As cgi-bin/play-thumbnails.c makes them: one each part, of its key frame, five by five on a sheet.
thumbnails()
{
	local at n=0 width=240 height=136
	mkdir "$work/thumbnails"
	ffmpeg -nostdin -v error -y -skip_frame nokey -i "$work/360p/index.m3u8" -an -sn \
		-vf "scale=$width:$height,setsar=1,tile=5x5" -q:v 5 -map_metadata -1 \
		-fps_mode passthrough -f image2 -start_number 0 "$work/thumbnails/sheet-%03d.jpg"
	printf 'WEBVTT\n' > "$work/thumbnails/thumbnails.vtt"
	for ((at = 0; at < seconds; at += part)); do
		printf '\n00:%02d:%02d.000 --> 00:%02d:%02d.000\nsheet-%03d.jpg#xywh=%d,%d,%d,%d\n' \
			$((at / 60)) $((at % 60)) $(((at + part) / 60)) $(((at + part) % 60)) $((n / 25)) \
			$((n % 5 * width)) $((n % 25 / 5 * height)) $width $height
		n=$((n + 1))
	done >> "$work/thumbnails/thumbnails.vtt"
}

# ffmpeg numbers the files that begin each rendition.
rename_beginnings()
{
	local dir
	for dir in "$work"/*p; do
		mv "$dir"/init_*.mp4 "$dir/init.mp4"
		sed -i 's/init_[0-9]*\.mp4/init.mp4/' "$dir/index.m3u8"
	done
}

renditions
rename_beginnings
subtitles
thumbnails
rm -rf "$target/test-transmission"
mkdir -p "$target"
chmod -R u=rwX,go=rX "$work"
cp -r "$work" "$target/test-transmission"
du -sh "$target/test-transmission"

# shellcheck shell=bash disable=SC2154,SC2034  # sourced by run.sh, which sets what is used here
# The animatic, both cores: the helper by itself, beside ffmpeg encoding as many frames of its test picture.
rows_render() {
    wanted render || return 0
    local length=8 size=1280x720
    [[ -n $short ]] && length=2 size=640x360
    both_cores
    contend render "$([[ -n $short ]] && echo 2 || echo 7)" ours_render ffmpeg_render
    compare "render: an animatic, $length s of $size" render ours_render ffmpeg_render "ffmpeg, testsrc2, libx264 veryfast" 2.5
    core_client=0
}
both_cores() { core_client=$([[ $(nproc) -gt 1 ]] && echo -1 || echo 0); }
ours_render() {
    rm -f "$work/render.mp4"
    measured -- "$bin/shotwire" make "a fox runs through snow at dusk, round $round $RANDOM" -m animatic --size "$size" -d "$length" -q -o "$work/render.mp4"
}
ffmpeg_render() {
    measured -- ffmpeg -y -v error -f lavfi -i "testsrc2=size=$size:rate=24:duration=$length" -c:v libx264 -preset veryfast -pix_fmt yuv420p -movflags +faststart "$work/test.mp4"
}

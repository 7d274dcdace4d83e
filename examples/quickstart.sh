#!/usr/bin/env bash
# From a bare Debian to a first clip: installs the packages, builds a release, renders a shot. No key, no account, nothing to pay.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*" >&2; }

say "Packages"
./examples/install-packages.sh

say "Build (build/release)"
cmake --preset release -DSHOTWIRE_TESTS="${SHOTWIRE_TESTS:-OFF}" >/dev/null
cmake --build --preset release --target shotwire shotwire-media words

say "A first shot"
clip=$(build/release/src/shotwire make \
    --subject "a woman in a red wool coat" \
    --action "walks slowly through the rain" \
    --environment "a cobblestone street in a European city at night" \
    --lighting "amber lamplight, neon reflections in puddles" \
    --camera "handheld tracking shot at shoulder height" \
    --aspect-ratio 16:9 --duration 6 \
    --output "${1:-build/first-shot.mp4}" --force)

say "Done"
echo "$clip"
cat >&2 <<TEXT

Play it:             mpv "$clip"       (or ffplay, vlc, any browser)
What was ordered:    $clip.json

It is an animatic: your shot as a moving storyboard, rendered here. Next:
  put it on PATH     sudo cmake --install build/release     (shotwire in /usr/local/bin)
                     or, for you alone: cmake --install build/release --prefix ~/.local
  see the models     build/release/src/shotwire models
  see a request      build/release/src/shotwire make --shot examples/shots/rain.yaml -d 8 -m sora-2 --via openai --base-url https://api.example/v1 --dry-run
  a model for real   export the key of its provider (OPENAI_API_KEY for hosts that speak OpenAI's protocol),
                     then the same command with -m MODEL
TEXT

#!/usr/bin/env bash
# Makes the synthetic students of a seed and writes down what Bergamot's own engine says of them.
#   run.sh WORKDIR SEED     (needs Go, node and npm's registry; a minute)
# WORKDIR/NAME.tsv: source <tab> the engine's output, ids as words (see README.md).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mkdir -p "$1" && cd "$1" && pwd)
(cd "$here" && go run . "$work" "$2")
cd "$work"
package=node_modules/@browsermt/bergamot-translator
[[ -d $package ]] || npm install --no-save --prefix "$work" @browsermt/bergamot-translator@0.4.9 >/dev/null
for model in */model.bin; do
	name=${model%/model.bin}
	[[ $name != node_modules* ]] || continue
	args=()
	[[ ! -f $name/lex.bin ]] || args+=(--lex "$name/lex.bin")
	[[ $name != split ]] || args+=(--vocab2 vocab.spm)
	[[ ! -f $name/exact ]] || args+=(--exact)
	node "$here/oracle.cjs" --pkg "$package" --model "$model" --vocab vocab.spm "${args[@]}" <lines.txt >"$name.tsv" 2>/dev/null
	echo "$name: $(wc -l <"$name.tsv") lines, $(cut -f2 "$name.tsv" | tr ' ' '\n' | sort -u | wc -l) distinct output pieces"
done

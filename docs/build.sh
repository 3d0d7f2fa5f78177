#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/build.sh FOLDER: the documentation as HTML in FOLDER/html. Warnings are errors.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
out=$(mkdir -p -- "$1" && cd -- "$1" && pwd)

rm -rf -- "$out/source"
mkdir -m 700 -- "$out/source"
cp -R -- "$here/." "$out/source/"
antsibull-docs --config-file "$here/antsibull-docs.cfg" collection \
  --cleanup everything --use-current --dest-dir "$out/source" impax.upgrade
sphinx-build -b html -q -W --keep-going -d "$out/doctrees" -c "$here" "$out/source" "$out/html"
echo "docs: $out/html/index.html"

# Rules of the house that a script can prove.
TESTS += tests/rules/check-completion.sh tests/rules/check-includes.sh tests/rules/check-man.sh tests/rules/check-readme.sh
EXTRA_DIST += tests/rules/check-completion.sh tests/rules/check-includes.sh tests/rules/check-man.sh tests/rules/check-readme.sh

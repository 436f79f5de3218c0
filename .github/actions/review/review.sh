#!/usr/bin/env bash
# Runs `bot review` in a step of GitHub Actions. What it is told comes by the
# environment that action.yml sets; what it says goes to the log, to annotations,
# to the summary of the step and to its outputs.
#
# The text of the report, and all that other programs print, goes to the log
# between ::stop-commands:: and its end, so that no file of the pull request is
# named in such a way that the runner takes it for a command. The annotations
# are the commands of `bot review --format github`, which escapes them.
set -euo pipefail
export GIT_TERMINAL_PROMPT=0

# annotate KIND MESSAGE prints one annotation.
annotate() {
	local message=$2
	message=${message//'%'/%25}
	message=${message//$'\r'/%0D}
	message=${message//$'\n'/%0A}
	printf '::%s title=Bar Raiser::%s\n' "$1" "$message"
}

output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

die() {
	annotate error "$1"
	output outcome error
	exit 1
}

# quietly COMMAND… runs it with the commands of the log switched off.
quietly() {
	local token code=0
	token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	printf '::stop-commands::%s\n' "$token"
	"$@" 2>&1 || code=$?
	printf '\n::%s::\n' "$token"
	return "$code"
}

check_inputs() {
	case $INPUT_FAIL_ON in
	sign-off | incomplete | never) ;;
	*) die "fail-on is '$INPUT_FAIL_ON'; use sign-off, incomplete or never" ;;
	esac
	case $INPUT_DOWNLOAD_MODULES in
	true | false) ;;
	*) die "download-modules is '$INPUT_DOWNLOAD_MODULES'; use true or false" ;;
	esac
	case $INPUT_SARIF in
	*$'\n'*) die 'sarif holds a line break' ;;
	esac
	if [ "$GITHUB_EVENT_NAME" = pull_request_target ]; then
		die 'pull_request_target gives the secrets of the repository to a job that reads a stranger'\''s code; use pull_request'
	fi
	local problem
	problem=$(git -C "$repo" rev-parse --verify HEAD 2>&1) ||
		die "No repository can be read in '$repo'. Run actions/checkout with 'fetch-depth: 0' before. $problem"
}

# commit REVISION prints its hash; of a branch that only the remote has, too.
commit() {
	git -C "$repo" rev-parse --verify --quiet --end-of-options "$1^{commit}" ||
		git -C "$repo" rev-parse --verify --quiet "refs/remotes/origin/$1^{commit}"
}

# find_base prints the revision to compare with, by the event.
find_base() {
	case $GITHUB_EVENT_NAME in
	pull_request)
		# What GitHub checks out for a pull request is a merge into the newest
		# base. Its first parent is that base, which may be ahead of the one in
		# the event; compared with that one, others' commits would be in the change.
		if [ "$(commit HEAD)" = "$GITHUB_SHA" ] && commit 'HEAD^2' >/dev/null; then
			echo 'HEAD^1'
		else
			echo "$PULL_REQUEST_BASE"
		fi
		;;
	merge_group) echo "$MERGE_GROUP_BASE" ;;
	push)
		case $PUSH_BEFORE in
		*[!0]*) echo "$PUSH_BEFORE" ;;
		*) echo "$DEFAULT_BRANCH" ;; # zeros: the branch is new
		esac
		;;
	*) echo "$DEFAULT_BRANCH" ;;
	esac
}

# download REVISION fetches the modules that a revision requires. It works on
# copies of the go.mod files, so that nothing is changed and no code is run; a
# failure is no error, since the review names what is missing.
download() {
	local copy file dir
	copy=$(mktemp -d "$work/modules.XXXXXX")
	while IFS= read -r -d '' file; do
		case ${file##*/} in
		go.mod | go.sum | go.work | go.work.sum) ;;
		*) continue ;;
		esac
		dir=$copy/$(dirname "$file")
		mkdir -p "$dir"
		git -C "$repo" cat-file blob "$1:$file" >"$dir/${file##*/}" || return 0
	done < <(git -C "$repo" ls-tree -r -z --name-only --full-tree "$1")
	while IFS= read -r -d '' file; do
		dir=$(dirname "$file")
		if git -C "$repo" cat-file -e "$1:${dir#"$copy"/}/vendor/modules.txt" 2>/dev/null ||
			{ [ "$dir" = "$copy" ] && git -C "$repo" cat-file -e "$1:vendor/modules.txt" 2>/dev/null; }; then
			continue
		fi
		(cd "$dir" && GOFLAGS=-mod=mod GOWORK=off GOTOOLCHAIN=local go mod download) || true
	done < <(find "$copy" -name go.mod -print0)
}

# explain_shallow says what is wrong where most of the history is not there.
explain_shallow() {
	if [ "$(git -C "$repo" rev-parse --is-shallow-repository)" = true ]; then
		die "The clone is shallow, and the history that the change is compared by is not in it. Give actions/checkout 'fetch-depth: 0'."
	fi
}

# install_bot puts the program into $work.
install_bot() {
	if [ -n "$INPUT_VERSION" ]; then
		GOBIN=$work GOFLAGS='' GOWORK=off go install "github.com/barraiser/barraiser/cmd/bot@$INPUT_VERSION"
	else
		GOFLAGS='' GOWORK=off go build -C "$GITHUB_ACTION_PATH/../../.." -o "$work/bot" ./cmd/bot
	fi
}

repo=$INPUT_WORKING_DIRECTORY
check_inputs
name=${INPUT_BASE:-$(find_base)}
if ! base=$(commit "$name"); then
	explain_shallow
	die "There is no revision '$name' to compare with."
fi

work=$(mktemp -d "$RUNNER_TEMP/barraiser.XXXXXX")
quietly install_bot || die 'The program could not be built; the log says why.'
if [ "$INPUT_DOWNLOAD_MODULES" = true ]; then
	quietly download HEAD || true
	if merge_base=$(git -C "$repo" merge-base "$base" HEAD); then
		quietly download "$merge_base" || true
	fi
fi

args=(review -C "$repo" --head HEAD --base "$base"
	--format text --output -
	--format github --output "$work/annotations"
	--format json --output "$work/review.json")
if [ -n "$INPUT_BUDGET" ]; then
	args+=(--budget "$INPUT_BUDGET")
fi
if [ -n "$INPUT_SARIF" ]; then
	args+=(--format sarif --output "$INPUT_SARIF")
fi

code=0
quietly "$work/bot" "${args[@]}" || code=$?
if [ -f "$work/annotations" ]; then
	cat "$work/annotations"
fi

fail=false
case $code in
0) outcome=clear ;;
1)
	outcome=sign-off-needed
	[ "$INPUT_FAIL_ON" != sign-off ] || fail=true
	;;
3)
	outcome=incomplete
	[ "$INPUT_FAIL_ON" = never ] || fail=true
	;;
5)
	outcome=no-go-packages
	annotate notice 'There is no Go code here, so there is nothing to judge.'
	;;
*)
	explain_shallow
	die "bot review ended with exit code $code; the log says why."
	;;
esac

output outcome "$outcome"
if [ -f "$work/review.json" ]; then
	output report "$work/review.json"
fi
if [ -n "$INPUT_SARIF" ] && [ -f "$INPUT_SARIF" ]; then
	output sarif "$INPUT_SARIF"
fi
[ "$fail" = false ]

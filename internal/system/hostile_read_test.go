package system_test

// tenantUser imports what belongs to somebody else.
const tenantUser = "package m\n\nimport \"example.com/tenant\"\n\n// K is theirs.\nconst K = tenant.Key\n\nvar _ int = K\n"

// reading are repositories that would like to be shown what is not theirs.
var reading = []hostile{
	{id: "H01", what: "go.mod is a link to a key", exits: incomplete,
		files: map[string]string{"go.mod": link + "{{OUT}}/key.pem", "a.go": honest["a.go"] + flaw}},
	{id: "H02", what: "go.work is a link to a key",
		files: map[string]string{"go.work": link + "{{OUT}}/key.pem", "a.go": honest["a.go"] + flaw}},
	{id: "H03", what: "go.sum and vendor/modules.txt are links to a key",
		files: map[string]string{"go.sum": link + "{{OUT}}/key.pem", "vendor/modules.txt": link + "{{OUT}}/key.pem", "a.go": honest["a.go"] + flaw}},
	{id: "H04", what: "a Go file is a link to a sibling tenant", exits: incomplete, says: []string{"b.go"},
		files: map[string]string{"b.go": link + "{{OUT}}/tenant/tenant.go"}},
	{id: "H05", what: "a Go file is a link to a file of the system", exits: incomplete, says: []string{"b.go"},
		files: map[string]string{"b.go": link + "/etc/passwd"}},
	{id: "H06", what: "a replacement by a sibling folder", exits: incomplete,
		files: map[string]string{"go.mod": honest["go.mod"] + "\nrequire example.com/tenant v1.0.0\n\nreplace example.com/tenant => ../tenant\n", "b.go": tenantUser}},
	{id: "H07", what: "go.work uses a sibling folder", exits: incomplete,
		files: map[string]string{"go.work": "go 1.24\n\nuse (\n\t.\n\t../../out/tenant\n)\n", "b.go": tenantUser}},
	{id: "H08", what: "a go.work lies above the private folder", exits: incomplete, files: map[string]string{"b.go": tenantUser}},
	{id: "H09", what: "a replacement by an absolute folder", exits: incomplete,
		files: map[string]string{"go.mod": honest["go.mod"] + "\nrequire example.com/tenant v1.0.0\n\nreplace example.com/tenant => {{OUT}}/tenant\n", "b.go": tenantUser}},
	{id: "H10", what: "cgo includes a key", exits: incomplete, says: []string{"b.go"},
		files: map[string]string{"b.go": "package m\n\n// #include \"{{OUT}}/key.pem\"\nimport \"C\"\n\n" + flaw}},
	{id: "H11", what: "assembly includes a key", says: []string{`"vet/assign"`},
		files: map[string]string{"a.s": ".incbin \"{{OUT}}/key.pem\"\n", "b.go": "package m\n\nfunc external()\n\n" + flaw}},
	{id: "H12", what: "embedding of links and of folders above",
		files: map[string]string{
			"key.txt": link + "{{OUT}}/key.pem",
			"b.go":    "package m\n\nimport _ \"embed\"\n\n//go:embed key.txt\nvar key string\n\n//go:embed ../../out/key.pem\nvar other string\n\n" + flaw,
		}},
	{id: "H13", what: "a finding is moved to a key by //line", says: []string{`"file": "b.go"`}, never: []string{`"file": "{{OUT}}`},
		files: map[string]string{"b.go": "package m\n\n//line {{OUT}}/key.pem:1\n" + flaw}},
	{id: "H14", what: "a finding is moved to markup by //line", says: []string{`"file": "b.go"`}, never: []string{"<script>"},
		files: map[string]string{"b.go": "package m\n\n//line <script>alert(1)</script>.go:1\n" + flaw}},
	{id: "H15", what: "links in a circle", exits: incomplete, says: []string{"b.go"},
		files: map[string]string{"b.go": link + "b.go", "dir": link + ".", "c/d": link + "../c"}},
}

// executing are repositories that would like something run.
var executing = []hostile{
	{id: "H16", what: "a gopackagesdriver on PATH", says: []string{`"vet/assign"`}, files: map[string]string{"gopackagesdriver": "#!/bin/sh\n", "a.go": honest["a.go"] + flaw}},
	// A program that is found in the current folder is refused, so there is no git.
	{id: "H17", what: "the current folder on PATH", within: true, exits: []int{0, 1, 2, 3}, env: []string{"PATH=.:{{BIN}}:/usr/local/go/bin:/usr/bin:/bin"},
		files: map[string]string{"a.go": honest["a.go"] + flaw}, make: plantPrograms},
	{id: "H18", what: "a toolchain line", files: map[string]string{"go.mod": honest["go.mod"] + "\ntoolchain go1.99.0\n", "a.go": honest["a.go"] + flaw}},
	{id: "H19", what: "a go line of a later Go", exits: incomplete, files: map[string]string{"go.mod": "module example.com/m\n\ngo 1.99\n", "a.go": honest["a.go"] + flaw}},
	{id: "H20", what: "the home folder in the repository, with a toolexec", within: true, env: []string{"HOME={{REPO}}"}, says: []string{`"vet/assign"`},
		files: map[string]string{".config/go/env": "GOFLAGS=-toolexec={{BIN}}/toolexec\n", "a.go": honest["a.go"] + flaw}},
	{id: "H21", what: "a Mercurial folder with hooks", within: true, says: []string{`"vet/assign"`},
		files: map[string]string{".hg/hgrc": "[hooks]\npre-identify = {{BIN}}/evil\n", "a.go": honest["a.go"] + flaw}},
	{id: "H22", what: "an embedded bare repository with an fsmonitor", within: true, says: []string{`"vet/assign"`},
		files: map[string]string{
			"sub/HEAD": "ref: refs/heads/main\n", "sub/config": "[core]\n\tbare = true\n\tfsmonitor = {{BIN}}/evil\n\tworktree = ..\n", "sub/objects/info/alternates": "\n", "sub/refs/x": "\n",
			"sub/x.go": "package sub\n\n" + flaw,
		}},
	{id: "H23", what: "flags for cgo and pkg-config", exits: incomplete, says: []string{"b.go"},
		files: map[string]string{"b.go": "package m\n\n// #cgo LDFLAGS: -fplugin={{BIN}}/evil\n// #cgo pkg-config: evil\nimport \"C\"\n\n" + flaw}},
	{id: "H24", what: "SWIG", files: map[string]string{"evil.swig": "%module evil\n", "evil.swigcxx": "%module evil\n", "a.go": honest["a.go"] + flaw}},
	{id: "H25", what: "filters and LFS in .gitattributes", within: true, says: []string{`"vet/assign"`},
		files: map[string]string{".gitattributes": "*.go filter=evil diff=evil merge=evil\n*.bin filter=lfs\n", "x.bin": "version https://git-lfs.github.com/spec/v1\n", ".lfsconfig": "[lfs]\n\turl = http://{{ADDRESS}}/\n", "a.go": honest["a.go"] + flaw}},
	{id: "H26", what: "submodules with a command for an address",
		files: map[string]string{".gitmodules": "[submodule \"s\"]\n\tpath = s\n\turl = ext::{{BIN}}/evil\n\tupdate = !{{BIN}}/evil\n", "s": module + "0123456789012345678901234567890123456789", "a.go": honest["a.go"] + flaw}},
	{id: "H27", what: "go:generate and a tool", files: map[string]string{"go.mod": honest["go.mod"] + "\ntool example.com/m/evil\n", "evil/main.go": "package main\n\nfunc main() {}\n", "b.go": "package m\n\n//go:generate {{BIN}}/evil\n\n" + flaw}},
	{id: "H28", what: "linter configurations with plugins", says: []string{`"vet/assign"`},
		files: map[string]string{
			".golangci.yml": "linters-settings:\n  custom:\n    evil:\n      path: {{BIN}}/evil.so\n", ".custom-gcl.yml": "plugins:\n  - module: example.com/evil\n",
			"staticcheck.conf": "checks = []\n", ".errcheck": "x\n", "a.go": honest["a.go"] + flaw,
		}},
	{id: "H29", what: "a vanity path to a host inside", exits: incomplete, env: []string{"GOPROXY=direct", "GOINSECURE=*", "GOFLAGS=-mod=mod", "GONOSUMCHECK=1"},
		files: map[string]string{"go.mod": honest["go.mod"] + "\nrequire localhost.example/evil v1.0.0\n", "b.go": "package m\n\nimport _ \"localhost.example/evil\"\n"}},
}

package impact

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	migrationFolder = regexp.MustCompile(`^(db_?)?migrat(e|ions?)$`)
	// 0001_users.up.sql, 20240131120000_users.sql, V1_2__users.sql, schema.sql
	migrationName = regexp.MustCompile(`(?i)^(\d{3,}[_-].*|[VUR][\d._]*__.*|schema|.*\.(up|down))\.sql$`)
	// A migration written in Go has a number: 00002_users.go.
	goMigrationName = regexp.MustCompile(`^\d{3,}_.*\.go$`)
)

func isMigration(file string) bool {
	if aside(file) {
		return false
	}
	name := path.Base(file)
	inFolder := slices.ContainsFunc(folders(strings.ToLower(file)), migrationFolder.MatchString)
	switch path.Ext(name) {
	case ".sql":
		return inFolder || migrationName.MatchString(name)
	case ".go":
		return inFolder && goMigrationName.MatchString(name) && isGo(name)
	}
	return false
}

func isProto(file string) bool { return path.Ext(file) == ".proto" && !aside(file) }

func isSQL(file string) bool { return strings.EqualFold(path.Ext(file), ".sql") && !aside(file) }

// wireFormat fires where what is stored or sent is read differently: a field of
// another type or tag, or one that is gone from a struct that is still there.
// A new field breaks nobody, and with a struct that is gone altogether went the
// code that used it.
func wireFormat(c *comparison) []Evidence {
	var out []Evidence
	for _, ch := range c.marks.changed {
		if ch.new.Kind == Field && !aside(ch.new.File) && c.qualified(ch.old) != c.qualified(ch.new) {
			out = append(out, c.at(ch.new, "%s: %s", code(c.name(ch.new)), fromTo(ch.old.Value, ch.new.Value)))
		}
	}
	for _, m := range c.marks.removed {
		if m.Kind != Field || aside(m.File) || !c.headHasStruct(m) {
			continue
		}
		out = append(out, c.at(m, "%s %s removed", code(c.name(m)), code(m.Value)))
	}
	return out
}

var bareType = regexp.MustCompile(`(^|[^.\w])([A-Z]\w*)`)

// qualified is the value of a field with the package of each type, so that a
// struct which moved to the package of a field's type has the same one.
func (c *comparison) qualified(field Mark) string {
	typ, tag, _ := strings.Cut(field.Value, "`")
	return bareType.ReplaceAllString(typ, "${1}"+c.packageName(field.Package)+".${2}") + tag
}

// headHasStruct reports whether the struct of a field still has serialised
// fields at the head.
func (c *comparison) headHasStruct(field Mark) bool {
	typ := structOf(field)
	return slices.ContainsFunc(c.Head.Marks, func(m Mark) bool {
		return m.Kind == Field && m.Package == field.Package && structOf(m) == typ
	})
}

// What deletes for good. A temporary table ends by itself, and an index holds
// nothing that is not elsewhere.
var (
	dropping   = regexp.MustCompile(`(?i)^(?:DROP\s+(?:TABLE|DATABASE|SCHEMA)|TRUNCATE)\b`)
	deleting   = regexp.MustCompile(`(?i)^DELETE\s+FROM\b`)
	where      = regexp.MustCompile(`(?i)\bWHERE\b`)
	altering   = regexp.MustCompile(`(?i)^ALTER\s+TABLE\b`)
	alterDrops = regexp.MustCompile(`(?i)\bDROP\s+(\S+)`)
)

// Of what ALTER TABLE drops these are rules, and all else is a column or a
// partition, with its data.
var rulesOfTables = []string{"CONSTRAINT", "INDEX", "KEY", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "DEFAULT", "NOT", "IDENTITY", "EXPRESSION"}

// destroys reports whether a statement, without comments, deletes more than
// the rows that it names.
func destroys(statement string) bool {
	switch {
	case dropping.MatchString(statement):
		return true
	case deleting.MatchString(statement):
		return !where.MatchString(statement)
	case altering.MatchString(statement):
		return slices.ContainsFunc(alterDrops.FindAllStringSubmatch(statement, -1), func(m []string) bool {
			return !slices.Contains(rulesOfTables, strings.ToUpper(m[1]))
		})
	}
	return false
}

// wayBack begins the part of a migration that undoes it and so has to drop what
// it made: goose, sql-migrate, tern.
var wayBack = regexp.MustCompile(`(?im)^\s*--\s*(\+(goose|migrate)\s+Down\b|-- create above / drop below --)`)

// statements are those of an SQL text, folded, without the way back.
func statements(file, text string) []string {
	if strings.HasSuffix(strings.ToLower(file), ".down.sql") {
		return nil
	}
	if i := wayBack.FindStringIndex(text); i != nil {
		text = text[:i[0]]
	}
	var out []string
	rest := sqlSyntax.fold(text)
	for begin := 0; begin < len(rest); {
		end := begin
		for end < len(rest) && rest[end] != ';' {
			if strings.IndexByte(sqlSyntax.quotes, rest[end]) >= 0 {
				end += sqlSyntax.quoted(rest[end:])
			} else {
				end++
			}
		}
		out = append(out, strings.TrimSpace(rest[begin:end]))
		begin = end + 1
	}
	return out
}

// destructiveSQL looks into the code's statements and into files of SQL.
func destructiveSQL(c *comparison) []Evidence {
	var out []Evidence
	for _, m := range c.marks.added {
		if m.Kind == SQL && destroys(m.Key) && !aside(m.File) {
			out = append(out, c.at(m, "new statement %s", code(m.Key)))
		}
	}
	files := c.of(isSQL)
	old := map[string]int{}
	for _, f := range files {
		for _, s := range statements(f.Old, f.OldText) {
			old[s]++
		}
	}
	for _, f := range files {
		if f.unread() != "" {
			out = append(out, notRead(f))
		}
		for _, s := range statements(f.New, f.NewText) {
			if old[s]--; old[s] < 0 && destroys(s) {
				out = append(out, Evidence{Text: "new statement " + code(s), File: f.New})
			}
		}
	}
	return out
}

// retention fires where a value changed. A new term is decided with what it is
// for.
func retention(c *comparison) []Evidence {
	return c.valueChanges(RetentionTerm, func(m Mark) string { return code(c.name(m)) })
}

// personal are the words by which a field is known to hold what is about a
// person; several stand together. "name" and "address" alone are as often those
// of a thing.
var personal = []string{
	"email", "e mail", "phone", "mobile number", "birthday", "birth date", "date of birth", "birthdate", "dob",
	"ssn", "social security", "passport", "iban", "national id", "tax id", "driver license",
	"first name", "last name", "given name", "family name", "surname", "maiden name",
	"street", "postal code", "zip code", "home address", "billing address", "shipping address", "postal address",
	"gender", "ethnicity", "religion", "salary", "medical", "diagnosis", "blood type", "credit card", "card number",
}

// personalData fires where data gets a field that it did not have.
func personalData(c *comparison) []Evidence {
	var out []Evidence
	for _, m := range c.marks.added {
		if m.Kind != Field || aside(m.File) {
			continue
		}
		named := " " + strings.Join(words(fieldOf(m)), " ") + " "
		if i := slices.IndexFunc(personal, func(p string) bool { return strings.Contains(named, " "+p+" ") }); i >= 0 {
			out = append(out, c.at(m, "new field %s, named for personal data", code(c.name(m))))
		}
	}
	return out
}

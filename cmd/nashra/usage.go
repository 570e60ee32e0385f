package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
)

// usageError is an error in the command line or the config file.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// hinted is an error with what to do about it.
type hinted struct {
	error
	hint string // may be empty
}

func (e hinted) Unwrap() error { return e.error }

// mistake is a usage error at a place in the command line, which may be empty, with its remedy.
func mistake(place, what, remedy string) error {
	if place != "" {
		what = place + ": " + what
	}
	return usageError{hinted{errors.New(what), remedy}}
}

// unknown is a mistake: no thing of those that list prints has the name.
func unknown(place, thing, name string, known []string, list string) error {
	return mistake(place, fmt.Sprintf("no %s is named %q", thing, name),
		cmp.Or(config.Suggest(name, known), list+" prints what there is"))
}

// openNamed opens a file that the command line names. want says what the file is to be.
func openNamed(place, name, want string) (*os.File, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, mistake(place, "there is no file "+name, "name "+want)
	} else if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", place, err)}
	}
	return f, nil
}

// complain prints err and returns its exit code. A mistake in the command line is one line with its
// remedy; after a failure a line of its own says what to do.
func complain(stderr io.Writer, err error) int {
	code, between := exitFailed, "\nhint: "
	if errors.As(err, new(usageError)) || errors.Is(err, store.ErrAddress) {
		code, between = exitUsage, "; "
	}
	text := err.Error()
	var h hinted
	if errors.As(err, &h) && h.hint != "" {
		text += between + h.hint
	}
	fmt.Fprintln(stderr, "nashra:", text)
	return code
}

// group returns a command that has only subcommands. Run without one it prints its help.
func group(use, short, example string, subcommands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(subcommands...)
	return cmd
}

// explainArgs makes cmd and its subcommands say what is wrong with their arguments, and what is
// right.
func explainArgs(cmd *cobra.Command) {
	check := cmd.Args
	if !cmd.Runnable() { // the group of cobra's own that prints completions
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if cmd.Name() == "help" && cmd.Parent() == cmd.Root() {
			if topic, rest, err := cmd.Root().Find(args); err == nil && len(rest) > 0 {
				return unknownCommand(topic, rest[0])
			}
			return nil
		}
		var err error
		if check != nil {
			err = check(cmd, args)
		}
		switch {
		case err == nil || errors.As(err, new(usageError)):
			return err
		case cmd.HasSubCommands():
			return unknownCommand(cmd, args[0])
		}
		return mistake(verb(cmd), "got "+count(len(args), "argument"), "usage: "+cmd.UseLine())
	}
	for _, sub := range cmd.Commands() {
		explainArgs(sub)
	}
}

// verb names a command without the program's name.
func verb(cmd *cobra.Command) string {
	return strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()))
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var known []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			known = append(known, sub.Name())
		}
	}
	return mistake(verb(cmd), fmt.Sprintf("unknown command %q", name), config.Suggest(name, known))
}

// wrongFlag explains an error in the flags of cmd.
func wrongFlag(cmd *cobra.Command, err error) error {
	remedy := "usage: " + cmd.UseLine()
	var absent *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	usage := func(f *pflag.Flag) string {
		return fmt.Sprintf("write --%s %s: %s", f.Name, cmp.Or(valueNames[f.Value.Type()], "TEXT"), f.Usage)
	}
	switch {
	case errors.As(err, &absent):
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
		remedy = config.Suggest("--"+absent.GetSpecifiedName(), known)
	case errors.As(err, &bare):
		err, remedy = fmt.Errorf("--%s: no value follows it", bare.GetFlag().Name), usage(bare.GetFlag())
	case errors.As(err, &invalid):
		err = fmt.Errorf("--%s: %q does not fit", invalid.GetFlag().Name, invalid.GetValue())
		remedy = usage(invalid.GetFlag())
	}
	return mistake(verb(cmd), err.Error(), remedy)
}

// valueNames name the values of flags, by type.
var valueNames = map[string]string{"int": "NUMBER", "bool": "true or false", "stringSlice": "TEXT,..."}

// count is a number of things: 1 story, 2 stories, 2 items.
func count[N int | int32 | int64](n N, thing string) string {
	if stem, ok := strings.CutSuffix(thing, "y"); ok && n != 1 {
		thing = stem + "ies"
	} else if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

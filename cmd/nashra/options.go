package main

// options are the flags that every verb has.
type options struct {
	config string // -c; empty: look in the usual places
}

// usageError is a wrong command line or config file: exit 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

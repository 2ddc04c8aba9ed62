// Package pipelinehealth compiles the extension of SQLite pipeline_health into a program that uses github.com/mattn/go-sqlite3.
//
//	pipelinehealth.Auto()
//	crm, err := sql.Open("sqlite3", "file:crm.db?mode=ro")
//
// The connections of a pool do not know of each other: pipeline_connect is called on each, in a ConnectHook. Driver makes one.
package pipelinehealth

/*
#cgo CFLAGS: -std=c11 -O3 -DSQLITE_CORE
#cgo linux LDFLAGS: -Wl,--unresolved-symbols=ignore-in-object-files -lm
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
#include "pipeline_health.h"

static int pipeline_health_auto(void) { return sqlite3_auto_extension((void (*)(void))sqlite3_pipelinehealth_init); }
*/
import "C"

import (
	"database/sql/driver"
	"sync"

	"github.com/mattn/go-sqlite3" // its SQLite is the one that the extension is linked with
)

var once sync.Once

// Auto gives the extension to every connection that this process opens from now on. Further calls do nothing.
func Auto() {
	once.Do(func() {
		if code := C.pipeline_health_auto(); code != C.SQLITE_OK {
			panic("pipelinehealth: no memory to register the extension")
		}
	})
}

// Driver is one of go-sqlite3 whose connections have the extension and are connected to a CRM's tables by pipeline_connect(crm).
// With an empty crm they have the extension alone, for files that hold the relations themselves.
func Driver(crm string) *sqlite3.SQLiteDriver {
	Auto()
	return &sqlite3.SQLiteDriver{ConnectHook: func(connection *sqlite3.SQLiteConn) error {
		if crm == "" {
			return nil
		}
		_, err := connection.Exec("SELECT pipeline_connect(?)", []driver.Value{crm})
		return err
	}}
}

# R with RSQLite. See protocol.py for what a host does.

library(DBI)

crm <- dbConnect(RSQLite::SQLite(), commandArgs(trailingOnly = TRUE)[1], flags = RSQLite::SQLITE_RO, loadable.extensions = TRUE)
invisible(dbGetQuery(crm, "SELECT load_extension(?)", params = list(Sys.getenv("PIPELINE_HEALTH"))))
invisible(dbGetQuery(crm, "SELECT pipeline_connect('salesforce')"))

# A number with all its digits; jsonlite writes 15 of them.
number <- function(value) ifelse(is.na(value), "null", sprintf("%.17g", value))
text <- function(value) vapply(value, function(one) if (is.na(one)) "null" else as.character(jsonlite::toJSON(one, auto_unbox = TRUE)), "")

json <- function(rows) {
  cells <- lapply(rows, function(column) if (is.numeric(column)) number(column) else text(column))
  lines <- if (nrow(rows) > 0) paste0("[", do.call(paste, c(cells, sep = ",")), "]")
  paste0("[", paste(lines, collapse = ","), "]")
}

questions <- file("stdin", "r")
while (length(line <- readLines(questions, 1)) > 0) {
  words <- strsplit(line, "\t")[[1]]
  answer <- tryCatch(
    json(dbGetQuery(crm, words[1], params = if (length(words) > 1) unname(as.list(words[-1])))),
    error = function(problem) paste0('{"error": ', text(conditionMessage(problem)), "}"))
  cat(answer, "\n", sep = "")
}
dbDisconnect(crm)

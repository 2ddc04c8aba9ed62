// Java with sqlite-jdbc. See ../protocol.py for what a host does.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.SQLiteConfig;

class Host {
    /** Days go in and come out as text: a LocalDate's is 2022-06-30. A java.sql.Date would be handed over in milliseconds. */
    static Object day(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException noDay) {
            return text;
        }
    }

    static String json(Object value) {
        if (value == null) return "null";
        if (value instanceof Number) return value.toString();
        StringBuilder text = new StringBuilder("\"");
        for (char letter : value.toString().toCharArray()) {
            if (letter == '"' || letter == '\\') text.append('\\').append(letter);
            else if (letter < ' ') text.append(String.format("\\u%04x", (int) letter));
            else text.append(letter);
        }
        return text.append('"').toString();
    }

    static String ask(Connection crm, String question) throws SQLException {
        String[] words = question.split("\t");
        try (PreparedStatement statement = crm.prepareStatement(words[0])) {
            for (int i = 1; i < words.length; i++) statement.setString(i, day(words[i]).toString());
            if (!statement.execute()) return "[]";
            List<String> answer = new ArrayList<>();
            try (ResultSet rows = statement.getResultSet()) {
                while (rows.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        Object value = rows.getObject(i);
                        row.add(json(value instanceof String ? day((String) value) : value));
                    }
                    answer.add(row.toString());
                }
            }
            return answer.toString();
        }
    }

    public static void main(String[] arguments) throws Exception {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.enableLoadExtension(true);
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Connection crm = config.createConnection("jdbc:sqlite:" + arguments[0])) {
            try (PreparedStatement load = crm.prepareStatement("SELECT load_extension(?)")) {
                load.setString(1, System.getenv("PIPELINE_HEALTH"));
                load.execute();
            }
            try (Statement connect = crm.createStatement()) {
                connect.execute("SELECT pipeline_connect('salesforce')");
            }
            for (String question; (question = questions.readLine()) != null; ) {
                try {
                    answers.println(ask(crm, question));
                } catch (SQLException problem) {
                    answers.println("{\"error\": " + json(problem.getMessage()) + "}");
                }
            }
        }
    }
}

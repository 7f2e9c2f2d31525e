package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScriptTest {
    private static final Path FOLDER = Path.of("src", "main", "resources", "lua");
    private static final Pattern DEFINED = Pattern.compile("(?m)^local (?:function )?(\\w+)");

    static List<String> scripts() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString().replace(".lua", ""))
                    .filter(name -> !name.equals("common"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void bringsAllOfCommonThatItUsesAndNothingElse(String name) throws IOException {
        String own = Files.readString(FOLDER.resolve(name + ".lua"));
        String text = Script.named(name).text();
        assertThat(text).endsWith(own);
        String brought = text.substring(0, text.length() - own.length());
        for (String function : definedIn(Files.readString(FOLDER.resolve("common.lua")))) {
            boolean isThere = definedIn(brought).contains(function);
            assertThat(uses(text, function)).as("uses of %s", function).satisfies(uses -> {
                assertThat(isThere).isEqualTo(uses > 0);
                // Where it is defined, and at least one more.
                assertThat(uses).isNotEqualTo(1);
            });
        }
    }

    @Test
    void bringsWhatIsUsedByWhatItUses() {
        assertThat(definedIn(Script.named("claim").text())).contains("next_token", "token_after", "int");
    }

    private static List<String> definedIn(String lua) {
        return DEFINED.matcher(lua).results().map(defined -> defined.group(1)).toList();
    }

    private static long uses(String lua, String name) {
        return Pattern.compile("\\b" + name + "\\b")
                .matcher(lua.replaceAll("--.*", ""))
                .results()
                .count();
    }
}

package dev.sluice.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Set;

/** Bodies as a source's reader hands them on, whatever else stands in them. */
public final class Bodies {
    private static final EventReader READER = new EventReader(
            "any",
            new ReadingRules(
                    List.of(new Place.Header("Type")),
                    List.of(),
                    Ordering.SOURCE,
                    List.of(),
                    MissingKey.UNREADABLE,
                    List.of(),
                    List.of()));

    private Bodies() {}

    /** What is found in a body; {@code '} stands for {@code "}. */
    public static Findings findings(String body, Set<String> pointers) {
        Reading reading = READER.read(name -> "E", body.replace('\'', '"').getBytes(UTF_8), pointers);
        return ((Reading.Understood) reading).findings();
    }
}

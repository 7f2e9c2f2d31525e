package dev.sluice.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Bodies;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LookoutsTest {

    @Test
    void eachSourceIsLookedAtWhereTheFiltersOfThoseThatWantItLook() {
        Targets targets = new Targets(List.of(
                target("erp", Set.of("shop"), "/a", "/b"),
                target("crm", Set.of(), "/b", "/c"),
                target("bi", Set.of())));
        assertThat(targets.lookedAt("shop")).containsExactlyInAnyOrder("/a", "/b", "/c");
        assertThat(targets.lookedAt("depot")).containsExactlyInAnyOrder("/b", "/c");
    }

    @Test
    void theSetIsTheSameAsLongAsItIsEqual() {
        Targets targets = new Targets(List.of(target("erp", Set.of(), "/a")));
        Set<String> before = targets.lookedAt("shop");
        targets.put(target("wh_1", Set.of("shop"), "/a"));
        assertThat(targets.lookedAt("shop")).isEqualTo(Set.of("/a"));
        Set<String> first = targets.lookedAt("shop");
        targets.put(target("wh_2", Set.of("shop"), "/a"));
        targets.put(target("wh_2", Set.of("shop"), "/a"));
        targets.put(target("wh_3", Set.of("shop")));
        targets.remove("wh_2");
        assertThat(targets.lookedAt("shop")).isSameAs(first).isEqualTo(before);
        targets.put(target("wh_1", Set.of("shop"), "/b"));
        assertThat(targets.lookedAt("shop")).containsExactlyInAnyOrder("/a", "/b");
        targets.remove("wh_1");
        assertThat(targets.lookedAt("shop")).containsExactly("/a");
    }

    @Test
    void anEventGoesToThoseWhoseFiltersHoldAlsoWhenTheyCameAfterItWasRead() {
        Targets targets = new Targets(List.of(target("erp", Set.of(), "/a"), target("bi", Set.of())));
        var body = Bodies.findings("{'a':1,'b':1}", targets.lookedAt("shop"));
        targets.put(target("wh_1", Set.of(), "/b"));
        targets.put(target("wh_2", Set.of(), "/c"));
        assertThat(targets.wanting("shop", "E", body))
                .extracting(Target::name)
                .containsExactlyInAnyOrder("erp", "bi", "wh_1");
    }

    private static Target target(String name, Set<String> sources, String... pointers) {
        return new Target(
                name,
                URI.create("http://localhost/"),
                sources,
                List.of(),
                new Filters(Stream.of(pointers)
                        .map(pointer -> new Filter(pointer, null, null, null, true, null, null, null, null))
                        .toList()),
                "default",
                true,
                true,
                Optional::empty,
                Map.of(),
                Connection.ORDINARY);
    }
}

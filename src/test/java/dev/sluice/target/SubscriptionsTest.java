package dev.sluice.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Bodies;
import dev.sluice.event.Findings;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SubscriptionsTest {
    private static final Findings BODY = Bodies.findings("{}", Set.of());
    private static final List<String> TYPES =
            List.of("A", "AB", "ABC", "ABCD", "B", "BA", "ORDER_PAID", "ORDER_SHIPPED", "ORDERS", "", "*");
    private static final List<String> PATTERNS = List.of(
            "A", "AB", "ABC", "A*", "AB*", "*", "*B", "*_PAID", "ORDER_*", "ORDER*", "O*D", "A*C*", "B", "**",
            "ORDERS");

    @Test
    void findsWhoWantsATypeAndLooksAtNobodyWhoseWishBeginsOtherwise() {
        Subscriptions subscriptions = new Subscriptions();
        subscriptions.add("orders", List.of(new Glob("ORDER_*")));
        subscriptions.add("paid", List.of(new Glob("*_PAID")));
        subscriptions.add("exact", List.of(new Glob("ORDER_PAID")));
        subscriptions.add("stock", List.of(new Glob("STOCK_*"), new Glob("STOCK")));
        assertThat(subscriptions.candidates("ORDER_PAID")).containsExactlyInAnyOrder("orders", "paid", "exact");
        assertThat(subscriptions.candidates("ORDER_SHIPPED")).containsExactlyInAnyOrder("orders", "paid");
        subscriptions.remove("paid", List.of(new Glob("*_PAID")), List.of());
        assertThat(subscriptions.candidates("REFUND_PAID")).isEmpty();
    }

    @Test
    void whateverIsRegisteredChangedAndRemovedTheSameAreFoundAsByLookingAtAll() {
        Random random = new Random(42);
        Targets targets = new Targets(List.of());
        Map<String, Target> all = new HashMap<>();
        for (int i = 0; i < 2_000; i++) {
            String name = "wh_" + random.nextInt(40);
            if (random.nextInt(4) == 0) {
                targets.remove(name);
                all.remove(name);
            } else {
                Target target = target(name, random);
                targets.put(target);
                all.put(name, target);
            }
            for (String type : TYPES) {
                Set<Target> wanting = all.values().stream()
                        .filter(target -> target.wants("publish", type, BODY))
                        .collect(Collectors.toSet());
                assertThat(targets.wanting("publish", type, BODY))
                        .as("%s after %d", type, i)
                        .containsExactlyInAnyOrderElementsOf(wanting);
            }
        }
    }

    private static Target target(String name, Random random) {
        List<Glob> events = new ArrayList<>(IntStream.range(0, random.nextInt(4))
                .mapToObj(i -> new Glob(PATTERNS.get(random.nextInt(PATTERNS.size()))))
                .toList());
        return new Target(
                name,
                URI.create("http://localhost/" + random.nextInt()),
                Set.of(),
                events,
                Filters.NONE,
                "default",
                true,
                true,
                Optional::empty,
                Map.of(),
                Connection.ORDINARY);
    }
}

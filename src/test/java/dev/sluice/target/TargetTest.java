package dev.sluice.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Bodies;
import dev.sluice.event.Findings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TargetTest {
    private static final Findings BODY = Bodies.findings("{}", Set.of());

    @Test
    void wantsEverythingUnlessItSaysOtherwise() {
        assertThat(target("erp", Set.of()).wants("shop", "ORDER_PAID", BODY)).isTrue();
    }

    @Test
    void wantsTheSourcesAndTheTypesItNames() {
        Target erp = target("erp", Set.of("shop"), "ORDER_*", "REFUND");
        assertThat(erp.wants("shop", "ORDER_PAID", BODY)).isTrue();
        assertThat(erp.wants("shop", "REFUND", BODY)).isTrue();
        assertThat(erp.wants("shop", "PAYMENT", BODY)).isFalse();
        assertThat(erp.wants("depot", "ORDER_PAID", BODY)).isFalse();
    }

    @Test
    void anEventGoesToThoseThatWantItAndNoOthers() {
        Target erp = target("erp", Set.of("shop"));
        Target crm = target("crm", Set.of(), "ORDER_*");
        Targets targets = new Targets(List.of(erp, crm));
        assertThat(targets.wanting("shop", "ORDER_PAID", BODY)).containsExactlyInAnyOrder(erp, crm);
        assertThat(targets.wanting("shop", "REFUND", BODY)).containsExactly(erp);
        assertThat(targets.wanting("depot", "REFUND", BODY)).isEmpty();
        assertThat(targets.configured()).containsExactlyInAnyOrder(erp, crm);
        assertThat(targets.named("crm")).isEqualTo(crm);
        assertThat(targets.named("bi")).isNull();
    }

    private static Target target(String name, Set<String> sources, String... events) {
        return new Target(
                name,
                URI.create("http://localhost/"),
                sources,
                List.of(events).stream().map(Glob::new).toList(),
                Filters.NONE,
                "default",
                true,
                true,
                Optional::empty,
                Map.of(),
                Connection.ORDINARY);
    }
}

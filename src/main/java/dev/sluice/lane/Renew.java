package dev.sluice.lane;

import dev.sluice.redis.Call;
import dev.sluice.redis.Durability;
import dev.sluice.redis.Moment;
import dev.sluice.redis.Script;
import dev.sluice.redis.Scripts;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Prolongs leases while their attempts run. */
@ApplicationScoped
public class Renew {
    /** How many leases go into one call, so that none blocks Redis for long. */
    public static final int MOST = 100;

    private final Script script = Script.named("renew");
    private final Scripts scripts;
    private final LaneSettings settings;

    Renew(Scripts scripts, LaneSettings settings) {
        this.scripts = scripts;
        this.settings = settings;
    }

    /** Prolongs some leases.
     *
     * @param leases of one partition, at most {@link #MOST}
     * @return those that are no longer this gateway's; the others now hold for a full term
     */
    public Uni<List<Lease>> renew(int partition, List<Lease> leases) {
        Map<Durability, List<Lease>> alike =
                leases.stream().collect(Collectors.groupingBy(lease -> settings.deciding(lease.source())));
        return Multi.createFrom()
                .iterable(alike.entrySet())
                .onItem()
                .transformToUniAndMerge(some -> renew(partition, some.getValue(), some.getKey()))
                .collect()
                .in(ArrayList<Lease>::new, List::addAll)
                .map(List::copyOf);
    }

    private Uni<List<Lease>> renew(int partition, List<Lease> leases, Durability durability) {
        Partition where = new Partition(partition);
        List<String> targets = leases.stream().map(Lease::target).distinct().toList();
        Call call = new Call(script).safe(durability).key(where.key("l"));
        targets.forEach(target -> call.key(where.key("w", target)));
        call.arg(settings.lease().toMillis());
        leases.forEach(lease -> call.arg(lease.lane()).arg(lease.token()).arg(targets.indexOf(lease.target()) + 1));
        Moment before = Moment.now();
        return scripts.run(call).map(answer -> lost(answer, leases, before));
    }

    private static List<Lease> lost(Response answer, List<Lease> leases, Moment before) {
        Set<String> lostLanes = new HashSet<>();
        answer.forEach(lane -> lostLanes.add(lane.toString()));
        List<Lease> lost = new ArrayList<>();
        for (Lease lease : leases) {
            if (lostLanes.contains(lease.lane())) {
                lost.add(lease);
            } else {
                lease.renewed(before);
            }
        }
        return lost;
    }
}

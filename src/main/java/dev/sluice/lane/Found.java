package dev.sluice.lane;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What was found of a list that stands in many partitions.
 *
 * @param items in their order
 * @param until up to where was looked; empty when that was all
 */
record Found<T>(List<T> items, Optional<Position> until) {
    private static final int CALLS_AT_ONCE = 8;

    static <T> Found<T> nothing() {
        return new Found<>(List.of(), Optional.empty());
    }

    /** Looks in many places, a few at a time, and tells the first items of all. */
    static <T> Uni<Found<T>> gather(List<Supplier<Uni<Found<T>>>> looks, Function<T, Position> place, int most) {
        return Multi.createFrom()
                .iterable(looks)
                .onItem()
                .transformToUni(Supplier::get)
                .merge(CALLS_AT_ONCE)
                .collect()
                .asList()
                .map(found -> together(found, place, most));
    }

    /** Behind where one look has ended nothing is known of all. */
    private static <T> Found<T> together(List<Found<T>> some, Function<T, Position> place, int most) {
        Optional<Position> until =
                some.stream().flatMap(each -> each.until().stream()).min(Comparator.naturalOrder());
        List<T> known = some.stream()
                .flatMap(each -> each.items().stream())
                .filter(item -> until.isEmpty() || place.apply(item).compareTo(until.get()) <= 0)
                .sorted(Comparator.comparing(place))
                .toList();
        return known.size() > most
                ? new Found<>(known.subList(0, most), Optional.of(place.apply(known.get(most - 1))))
                : new Found<>(known, until);
    }

    /** Reads, for some targets in turn: up to when and which name was looked, both empty for all; how many; then time and name of each. */
    static Found<Position> read(Response answer, int partition) {
        List<Position> places = new ArrayList<>();
        List<Position> untils = new ArrayList<>();
        int at = 0;
        while (at < answer.size()) {
            if (!answer.get(at).toString().isEmpty()) {
                untils.add(place(answer, at, partition));
            }
            int end = at + 3 + 2 * answer.get(at + 2).toInteger();
            for (at += 3; at < end; at += 2) {
                places.add(place(answer, at, partition));
            }
        }
        return new Found<>(places, untils.stream().min(Comparator.naturalOrder()));
    }

    private static Position place(Response answer, int at, int partition) {
        return new Position(
                Long.parseLong(answer.get(at).toString()),
                partition,
                answer.get(at + 1).toString());
    }
}

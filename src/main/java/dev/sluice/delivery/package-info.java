/**
 * The way out. {@link dev.sluice.delivery.Intake} puts an event into the lanes of its targets and starts at once what it was
 * given to deliver; an {@link dev.sluice.delivery.Outlet} delivers the lanes of one target, at most so many at a time; an
 * {@link dev.sluice.delivery.Attempt} is one HTTP request, opened with one of the {@link dev.sluice.delivery.TargetClients}, with an
 * {@link dev.sluice.delivery.AccessToken} where the target wants one, and comes to one {@link dev.sluice.delivery.Outcome}; {@link
 * dev.sluice.delivery.Sweep} and {@link dev.sluice.delivery.LaneRuns} keep what other pods left behind, and what this one
 * holds, moving.
 */
@NullMarked
package dev.sluice.delivery;

import org.jspecify.annotations.NullMarked;

/**
 * Who may use the API. {@code BearerKeys} tells which of the configured keys a request bears, the resources say which role each
 * operation wants ({@code @RolesAllowed} with one of {@code Roles}), and {@code Denials} answers whoever may not.
 */
@NullMarked
package dev.sluice.access;

import org.jspecify.annotations.NullMarked;

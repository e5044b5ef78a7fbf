/**
 * Tables of contents that images bring: eStargz, zstd:chunked and SOCI's ztoc, made into entries
 * and spans ({@link dev.longshore.layer.imports.IndexImporter}). Pure parsing of bytes that someone
 * else fetched; says what is to be verified, inflates nothing of a layer.
 */
@NullMarked
package dev.longshore.layer.imports;

import org.jspecify.annotations.NullMarked;

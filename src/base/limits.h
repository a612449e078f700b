/* Every ceiling of the node in one place, each with its reason (house rule 6). Bytes unless said.
 */
#pragma once

/* A record is a form with text, not a file: evidence travels as exhibits. DESIGN section 3. */
#define LIMIT_RECORD (256u * 1024)
#define LIMIT_RECORD_DEPTH 16 /* levels of JSON nesting */
/* Values in one record: an empty object costs 200 bytes of memory for 3 on the wire. */
#define LIMIT_RECORD_VALUES 8192u
/* CMS with one P-256 signer and its certificate is about 900; RSA-4096 with a chain fits. */
#define LIMIT_SIGNATURE (16u * 1024)
/* Records in one POST: bounds the work done before the answer (about 10 ms of checks). */
#define LIMIT_BATCH_RECORDS 64u
/* Body of POST /v1/records: a full batch of usual records, or a few of the largest. */
#define LIMIT_BATCH_BYTES (4u * 1024 * 1024)
#define LIMIT_REFS 64u          /* refs in one record */
#define LIMIT_ATTACHMENTS 64u   /* attachments in one record */
/* One attachment: an order of 100 pages scanned in colour is about 25 MiB. It is fetched without
 * being asked for, so what is larger is an exhibit. */
#define LIMIT_ATTACHMENT (32u * 1024 * 1024)
/* All attachments of one record together: what a record may bring along by itself. */
#define LIMIT_ATTACHED (128u * 1024 * 1024)
/* Files that one officer gave to this node and sent with no record yet. */
#define LIMIT_HELD 256u
/* Uploads at once: each has a sealing job of two threads and at most 8 MiB. */
#define LIMIT_UPLOADS 8u
/* A body that is not taken is read to its end up to here, so that a page can say why. */
#define LIMIT_UPLOAD_REFUSED (1024u * 1024 * 1024)
/* Head of one part of a form with files: names of the field and of the file. */
#define LIMIT_PART_HEAD 4096u
/* Attachments leave this much of the vault's disk free: records come first. */
#define LIMIT_VAULT_RESERVE (256u * 1024 * 1024)
#define LIMIT_UNIT 31u          /* name of a unit of officers: a word, in many rows */
#define LIMIT_NAME 255u         /* a name shown to people: file name, officer, organisation */
#define LIMIT_ADDRESS 64u       /* "th.contact" */
#define LIMIT_TEXT (32u * 1024) /* one free-text field of a form */
#define LIMIT_CERT (16u * 1024) /* one certificate, DER or PEM */
#define LIMIT_CHAIN 8u          /* certificates in a chain */
#define LIMIT_KEYFILE (64u * 1024)
#define LIMIT_CONFIG (256u * 1024)
/* RFC 3161 answer with certificates from a commercial authority stays under 10 KiB. */
#define LIMIT_TOKEN (32u * 1024)
/* A checkpoint with 16 signatures, some post-quantum (signed-note asks for 16 of 5 kB). */
#define LIMIT_NOTE (128u * 1024)
#define LIMIT_PROOF_HASHES 64u /* a tree of 2^64 leaves has 64 levels */
#define LIMIT_KEEPER_FRAME (LIMIT_RECORD + 4096u)
#define LIMIT_API_BODY (8u * 1024 * 1024)
#define LIMIT_API_ANSWER (64u * 1024 * 1024)
#define LIMIT_HTTP_HEADERS (16u * 1024)
#define LIMIT_CONNECTIONS 4096u /* to the listener: idle ones cost about 40 KiB each */
/* Rows kept in the courier's memory; the rest waits in the outbox table. */
#define LIMIT_OUTBOX_MEMORY 4096u
#define LIMIT_WRITER_QUEUE 4096u /* jobs waiting for the store's writer */
#define LIMIT_WRITER_BATCH 256u  /* jobs in one transaction */
/* One range of an exhibit; DESIGN section 6 measured 4 MiB as the knee. */
#define LIMIT_RANGE (4u * 1024 * 1024)
/* Frames listed in a seek table: 2 TiB of content, 16 MiB of memory while sealing. */
#define LIMIT_SEEK_FRAMES (4u * 1024 * 1024)
/* Package: files in it, bytes of one text member, of a name and of the zip's directory. Members are
 * stored, never compressed, so there is nothing that could expand. */
#define LIMIT_PACKAGE_ENTRIES 200000u
#define LIMIT_PACKAGE_MEMBER (16u * 1024 * 1024)
#define LIMIT_PACKAGE_NAME 512u
#define LIMIT_PACKAGE_DIRECTORY (64u * 1024 * 1024)
#define LIMIT_XML (1024u * 1024)           /* a manifest of a container of documents */
#define LIMIT_CONTAINER_FILES 64u          /* a document and its receipts */
#define LIMIT_SIGNATURE_LONG (128u * 1024) /* with a time-stamp and chains inside */
#define LIMIT_BAG_TAGS 4096u /* other people's bags: labels, manifests, folders in each other */
#define LIMIT_BAG_MANIFESTS 32u
#define LIMIT_BAG_DEPTH 64u
#define LIMIT_MARKINGS 64u /* conditions with one exhibit: 16 of each of a few records */
#define LIMIT_LINEAGE 64u /* exhibits made from each other: an examination has two or three */
#define LIMIT_BAG_TEXT (64u * 1024 * 1024) /* one list: 200,000 lines of SHA-512 and long paths */
#define LIMIT_FOLDER_FILES 10000000u
/* A folder to seal: nesting (a descriptor a level), and the names of one level in memory. */
#define LIMIT_FOLDER_DEPTH 128u
#define LIMIT_FOLDER_NAMES (16u * 1024 * 1024)
/* Ranges of bad sectors in a manifest: 60 KiB of a record, 6,000 of its values. A disk with more is
 * dying; then the nearest are told as one. */
#define LIMIT_BAD_RANGES 2000u
/* Stops of one acquisition that its manifest tells, each with its place. */
#define LIMIT_STOPS 64u
/* The notes of an acquisition under way: what a manifest may hold, and the wrapped keys. */
#define LIMIT_ACQUIRE_NOTE (1024u * 1024)
/* Findings of one assessment: a hundred would already drown a person. 1 KiB each. */
#define LIMIT_LAW_FINDINGS 256u
/* A zone of tzdata: the largest file has 3.8 KiB, 310 changes, 18 types and 40 bytes of names;
 * files that spell out every year to 2400 fit. */
#define LIMIT_ZONE_FILE (64u * 1024)
#define LIMIT_ZONE_TIMES 2048u
#define LIMIT_ZONE_TYPES 64u
#define LIMIT_ZONE_NAMES 255u
/* A file of legal data: an economy with some hundred facts is about 60 KiB. */
#define LIMIT_LAW_FILE (1024u * 1024)
#define LIMIT_LAW_FILES 1024u /* every economy, its profile, and instruments */
/* Facts in a book; all known economies have about 3,000. Each costs about 400 bytes. */
#define LIMIT_LAW_FACTS 65536u
#define LIMIT_LAW_LIST 4096u /* elements of one list: facts, articles, rules, sources */
/* Facts about one thing over the years: bounds the search for overlaps. */
#define LIMIT_LAW_SAME 64u
#define LIMIT_LAW_FACT 8192u  /* one fact as text */
#define LIMIT_LAW_TEXT 2048u  /* a title, summary or note */
#define LIMIT_LAW_RULE 512u   /* a rule's text, so that a finding holds it with names put in */
#define LIMIT_LAW_DEPTH 4u    /* conditions inside conditions */
#define LIMIT_LAW_FAULTS 512u /* faults kept with their words; more are counted */
#define LIMIT_LAW_REPORT (64u * 1024 * 1024) /* a gap report as a page: all economies take 4 MiB \
					      */
/* The desk: live readers at once (a stream is about 10 KiB), bytes waiting for a slow one, a form.
 */
#define LIMIT_DESK_STREAMS 1024u
#define LIMIT_DESK_STREAM_BYTES (256u * 1024)
#define LIMIT_DESK_BODY (1024u * 1024)
#define LIMIT_TEMPLATES 200u               /* of forms, made by one officer */
#define LIMIT_DESK_FIELDS 1024u            /* fields in one form */
#define LIMIT_DESK_ZONES 512u              /* tzdata names about 420 */
#define LIMIT_DESK_PAGE (8u * 1024 * 1024) /* one page, before compression */
#define LIMIT_PAPER_MODEL (16u * 1024 * 1024)
#define LIMIT_PAPER_TEXT (256u * 1024)
#define LIMIT_PAPER_PDF (32u * 1024 * 1024) /* 1,500 pages; base64 fits LIMIT_API_ANSWER */

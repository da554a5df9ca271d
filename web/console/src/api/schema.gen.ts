// Generated from crates/http/openapi.json by `npm run api`. Do not edit.

export interface paths {
    "/api/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every API key, without the keys. */
        get: operations["api_key_list"];
        put?: never;
        /** Makes an API key; the key is in this answer and never again. */
        post: operations["api_key_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes an API key. */
        delete: operations["api_key_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audience-lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every uploaded list. */
        get: operations["audience_list_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audience-lists/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Makes a list, or adds to it; what cannot be read is told line by line. */
        put: operations["audience_list_upload"];
        post?: never;
        /** Removes a list that no audience refers to. */
        delete: operations["audience_list_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audience-lists/{key}/unmatched": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Identifiers on a list that nobody has yet. */
        get: operations["audience_list_unmatched"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every audience with its size now and over the last 30 days. */
        get: operations["audience_list"];
        put?: never;
        /** Makes an audience. It is built in the background and comes into force by itself. */
        post: operations["audience_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks a definition, and shows it in both forms. */
        post: operations["audience_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/combine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The definition of a set operation on audiences, to be made an audience or looked at first. */
        post: operations["audience_combine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Audiences side by side: how they overlap, and who is in them, beside the average customer. */
        post: operations["audiences_compare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How many people a definition finds, some of them, whom of them may be contacted, and who is in other audiences too. */
        post: operations["audience_estimate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The JSON Schema of definitions. */
        get: operations["audience_schema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One audience with its versions and how far building is. */
        get: operations["audience_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes an audience. */
        patch: operations["audience_update"];
        trace?: never;
    };
    "/api/audiences/{key}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of members. */
        get: operations["audience_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/{key}/members.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every member as CSV: the person's id, name, identifiers, since when and why. */
        get: operations["audience_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/{key}/reach": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many members may be contacted, by channel, after consent. */
        get: operations["audience_reach"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/{key}/versions/{number}/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts a built version in force, in one step. */
        post: operations["audience_apply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/{key}/versions/{number}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a built version differs from the one in force: who would come, who would go. */
        get: operations["audience_compare"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audiences/{key}/versions/{number}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stops building a version, or drops one that is built and not in force. */
        post: operations["audience_stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what, newest first. */
        get: operations["audit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/computed-packs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Packs of definitions that can be enabled, with where each of them stands. */
        get: operations["pack_list"];
        put?: never;
        /** Enables packs: their definitions are made one after the other, as what they read comes into force. */
        post: operations["pack_enable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/computed-traits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every computed trait, by key. */
        get: operations["trait_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/computed-traits/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One computed trait. */
        get: operations["trait_get"];
        /** Makes a computed trait or changes it: a new version is built in the background and comes into force by itself. */
        put: operations["trait_put"];
        post?: never;
        /** Archives a computed trait: its values go away. */
        delete: operations["trait_archive"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/computed-traits/{key}/distribution": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which values people have of a computed trait. */
        get: operations["trait_distribution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/computed-traits/{key}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every version of a computed trait, the newest first. */
        get: operations["trait_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/credit/conversions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every definition, the default one first. */
        get: operations["conversion_list"];
        put?: never;
        /** Adds a definition. */
        post: operations["conversion_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/credit/conversions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a definition; events stay. */
        delete: operations["conversion_delete"];
        options?: never;
        head?: never;
        /** Changes a definition. */
        patch: operations["conversion_update"];
        trace?: never;
    };
    "/api/credit/paths": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How long paths are, how long they take, which are frequent, who crosses between shop and store. */
        get: operations["credit_paths"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/credit/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The people behind a number of the report, most value first. */
        get: operations["credit_people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/credit/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who earned the conversions of a period, by one model, beside all others. */
        get: operations["credit_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/credit/spend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Spend, the newest day first. */
        get: operations["spend_list"];
        put?: never;
        /** Saves spend; that of the same day, channel, campaign and currency is replaced. */
        post: operations["spend_create"];
        /** Removes the spend of a day, channel and campaign. */
        delete: operations["spend_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/destinations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Destinations in use. */
        get: operations["destination_list"];
        put?: never;
        /** Makes a destination. */
        post: operations["destination_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/destinations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One destination. */
        get: operations["destination_get"];
        put?: never;
        post?: never;
        /** Ends a destination whose syncs are ended. Its secrets are forgotten; its name stays for the logs. */
        delete: operations["destination_end"];
        options?: never;
        head?: never;
        /** Changes a destination. What was refused is tried again at once. */
        patch: operations["destination_update"];
        trace?: never;
    };
    "/api/destinations/{id}/syncs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps an audience at a destination. A continuous one begins at once. */
        post: operations["sync_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/destinations/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries a destination with something that holds nobody's data. */
        post: operations["destination_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/fixes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Saved fixes, the newest first. */
        get: operations["fix_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/fixes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a fix: new events no longer pass through it. */
        delete: operations["fix_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/households/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A household and its members. Never a merge: members share an address, not a line. */
        get: operations["household_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/blocked": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Values that link nothing. */
        get: operations["blocked_list"];
        put?: never;
        /** Blocks values from now on, and for what is there already by a job. */
        post: operations["blocked_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/blocked/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a rule back. What it kept apart is linked again as the evidence says. */
        delete: operations["blocked_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits for a person's decision, newest first. */
        get: operations["review_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/reviews/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decides an item: joins its two sides, keeps them apart, or leaves all as it is. */
        post: operations["review_decide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The identity rules in force. */
        get: operations["rules_get"];
        /** Puts rules in force: they decide from now on, and a job folds what is there already anew. */
        put: operations["rules_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/rules/simulations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins to simulate changed rules on the people there are. Nothing is changed. It takes the place of the one before. */
        post: operations["simulation_begin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/rules/simulations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a simulation is, and what it found. */
        get: operations["simulation_get"];
        put?: never;
        post?: never;
        /** Stops a simulation. */
        delete: operations["simulation_stop"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/simulator": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pasted events, and what the rules make of them step by step. Nothing is stored. */
        post: operations["simulator"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/suspended": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Identifiers that link nothing until somebody decides. */
        get: operations["suspended_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/identity/suspended/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Releases or blocks a suspended identifier. */
        post: operations["suspended_act"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Imports, the newest first. */
        get: operations["import_list"];
        put?: never;
        /** Uploads a file (its bytes are the body, at most 2 GiB) as a draft with a guessed mapping. */
        post: operations["import_upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/mappings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Mappings that come with the product. */
        get: operations["import_mappings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One import. */
        get: operations["import_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stops an import for good; what it recorded stays, its file is removed. */
        post: operations["import_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/{id}/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The guessed mapping of an upload. */
        get: operations["import_draft"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/{id}/dry-run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The first rows as events and people; nothing is recorded. */
        post: operations["import_dry_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pauses a running import after its present batch. */
        post: operations["import_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/{id}/rejects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Refused rows as CSV: line, reason and the row as it stands in the file (empty for those who may not see personal
         *     data).
         */
        get: operations["import_rejects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Goes on with a paused or failed import. */
        post: operations["import_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/imports/{id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts an upload with a mapping. */
        post: operations["import_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs of the background workers, the newest first. */
        get: operations["job_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/requeue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Brings a dead job back with all its attempts. */
        post: operations["job_requeue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/lake": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The state of the event history. */
        get: operations["lake_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/lake/compact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Merges small files and writes merges, splits and erasures down for good. */
        post: operations["lake_compact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/lake/seal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Seals every event now. */
        post: operations["lake_seal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/lake/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reads every file and compares it with the manifest; the job fails with what it finds. */
        post: operations["lake_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Streams arrivals with their verdicts, and every second the rates, as server-sent events. */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matching/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks for people who are probably one, in the background. */
        post: operations["matching_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matching/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes the settings. */
        put: operations["matching_settings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/matching/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How matching stands: settings, the last run, the model. */
        get: operations["matching_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes one's own name, language or password. */
        patch: operations["me_update"];
        trace?: never;
    };
    "/api/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The figures of the first page. */
        get: operations["overview_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of people, or those found by a text. */
        get: operations["people_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/by-identifier/{namespace}/{value}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The person who has an identifier. */
        get: operations["person_by_identifier"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One person; a former id leads to who it is today. */
        get: operations["person_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/audiences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audiences that a person is in. */
        get: operations["person_audiences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/audiences/{key}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a person is in an audience, or not: each condition with what was found, and when that can change next. */
        get: operations["audience_why"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/cannot-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps two people apart for ever; if they are one by a former id, parts them. */
        post: operations["person_cannot_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Records a consent with its proof. */
        post: operations["consent_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why is this one person? With `other`: why is that one the same, or why not? */
        get: operations["person_explain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where a person's data went. Who was sent is in every later file until removed. */
        get: operations["person_exports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/may-contact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** May this person be contacted for a purpose over a channel, and why? */
        get: operations["may_contact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes one person of two, whatever the limits say. */
        post: operations["person_merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/predictions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is predicted of a person, and what it is made of. */
        get: operations["person_predictions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/stage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets the stage by hand; null computes it again. */
        put: operations["stage_set"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds a tag. */
        post: operations["tag_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/tags/{tag}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a tag away. */
        delete: operations["tag_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The line itself, newest first, across all channels. */
        get: operations["person_timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/traits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets traits by hand; null takes one away. */
        put: operations["traits_set"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/traits/{name}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every value a trait had, newest first. */
        get: operations["trait_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/people/{id}/unmerge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a person apart: each side gets its own events, traits, consents and orders back. */
        post: operations["person_unmerge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/personas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every persona. */
        get: operations["persona_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/personas/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One persona. */
        get: operations["persona_get"];
        /** Makes or changes a persona. */
        put: operations["persona_put"];
        post?: never;
        /** Removes a persona; its audience stays. */
        delete: operations["persona_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/personas/{key}/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who a persona's people are now, beside the average customer. */
        get: operations["persona_profile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The plan and the names that arrive without one. */
        get: operations["plan_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plan/events/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Plans an event, or changes one. */
        put: operations["plan_event_put"];
        post?: never;
        /** Takes an event out of the plan; a built-in one becomes what it was. */
        delete: operations["plan_event_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plan/events/{name}/properties": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which properties an event really had. */
        get: operations["plan_event_properties"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/predictions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every kind with its live version, how it did on days it was not made from, and whether people drifted away from it. */
        get: operations["prediction_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/predictions/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is predicted, how far ahead, and how often models are made anew. */
        get: operations["prediction_settings_get"];
        /** Changes the settings. A prediction with another horizon is another prediction: scores of the old one go. */
        put: operations["prediction_settings_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/predictions/{kind}/train": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Trains a kind in the background from the history as it is, then scores everybody. */
        post: operations["prediction_train"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/predictions/{kind}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Versions of a kind, the newest first; trials that were refused say why. */
        get: operations["prediction_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/privacy/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Erases a person by any identifier. Nothing new is recorded from the answer on; the rest goes on in the background. */
        post: operations["privacy_erase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/privacy/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Packs everything about a person into an archive, which can be fetched for seven days. */
        post: operations["privacy_export"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/privacy/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets somebody in again who was suppressed or erased, with the proof of a new consent. */
        post: operations["privacy_lift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/privacy/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests, the newest first. */
        get: operations["privacy_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/privacy/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One request with its receipt. */
        get: operations["privacy_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/privacy/requests/{id}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The archive of an export: a zip file. */
        get: operations["privacy_archive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/privacy/suppress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Collects nothing more about a person. What is recorded stays. */
        post: operations["privacy_suppress"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Quarantined events, the newest first. */
        get: operations["quarantine_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quarantine/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives events up; they stay readable. */
        post: operations["quarantine_discard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quarantine/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Open events by reason, name and source, the largest group first. */
        get: operations["quarantine_groups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quarantine/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a fix would do, without recording anything. */
        post: operations["quarantine_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quarantine/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends events the normal way again, through a fix if one is given. Each is recorded at most once, with its old id and
         *     time of receipt.
         */
        post: operations["quarantine_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quarantine/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One quarantined event. */
        get: operations["quarantine_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rfm/cuts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The cuts of recency, frequency and money that were in force, the newest first. */
        get: operations["rfm_cuts"];
        put?: never;
        /** Works the cuts out anew, before the week is over; null when nobody has bought. */
        post: operations["rfm_renew"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{id}/files/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file of a run that lies in a folder of this server. */
        get: operations["run_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in, and the token that writes must repeat. */
        get: operations["session_get"];
        put?: never;
        /** Signs in. */
        post: operations["session_open"];
        /** Signs out. */
        delete: operations["session_close"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The configuration in force by section and name, secrets masked. It comes from the file, the variables and the flags
         *     the server was started with.
         */
        get: operations["settings_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What set-up still needs. */
        get: operations["setup_get"];
        put?: never;
        /** Makes the owner account at first run and signs in. */
        post: operations["owner_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every source with its keys and counts. */
        get: operations["source_list"];
        put?: never;
        /** Makes a source with a write key. */
        post: operations["source_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sources/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One source. */
        get: operations["source_get"];
        put?: never;
        post?: never;
        /** Disables a source and ends its keys. What it brought stays. */
        delete: operations["source_delete"];
        options?: never;
        head?: never;
        /** Changes a source. */
        patch: operations["source_update"];
        trace?: never;
    };
    "/api/sources/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a source a new key, and a webhook a new secret; the present ones end after the grace. */
        post: operations["source_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sources/{id}/snippet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready-made code for the SDKs with this source's address and key. */
        get: operations["source_snippets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sources/{id}/warnings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was odd about this source's events, the newest first. */
        get: operations["source_warnings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts, rates and lag. */
        get: operations["status_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/syncs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Syncs that are not ended. */
        get: operations["sync_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/syncs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One sync. */
        get: operations["sync_get"];
        put?: never;
        post?: never;
        /** Ends a sync, after everybody was removed from the destination. */
        delete: operations["sync_end"];
        options?: never;
        head?: never;
        /** Changes a sync. What the change no longer allows is taken back. */
        patch: operations["sync_update"];
        trace?: never;
    };
    "/api/syncs/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pauses a sync. Erased people are taken back all the same. */
        post: operations["sync_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/syncs/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a paused sync go on. */
        post: operations["sync_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/syncs/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Runs a sync now, with everybody compared. */
        post: operations["sync_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/syncs/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs of a sync, the newest first. */
        get: operations["sync_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tag-categories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Categories of tags, in their order. */
        get: operations["category_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tag-categories/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Makes or changes a category. */
        put: operations["category_put"];
        post?: never;
        /** Removes a category; its tags stay without one. */
        delete: operations["category_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tag-works": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Works on many people's tags, the newest first. */
        get: operations["work_list"];
        put?: never;
        /**
         * Begins to put a tag on everybody in an audience or on a list, to take it off them, to merge another tag into it, or to
         *     take it off everybody.
         */
        post: operations["work_begin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tag-works/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A work on many people's tags, with how far it is. */
        get: operations["work_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tag-works/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts back what a work changed; what was changed again since stays as it is. */
        post: operations["work_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every tag with how many people have it, the most first. */
        get: operations["tag_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tags/{tag}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One tag, by any of its names. */
        get: operations["tag_get"];
        /** Says what a tag means. Bound to an audience it is on everybody in it, by rule; who has it by hand keeps it. */
        put: operations["tag_put"];
        post?: never;
        /** Says nothing more of a tag; who has it by hand keeps it. To take it off everybody, begin a work. */
        delete: operations["tag_forget"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/touch/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rules in force, and the channels they may name. */
        get: operations["touch_rules_get"];
        /** Puts a rule table into force. Reports classify past touches anew. */
        put: operations["touch_rules_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/touch/rules/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What the rules in force make of signatures or of an address. */
        post: operations["touch_rules_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/touch/unclassified": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Signatures that no rule gives a channel, the most frequent first. */
        get: operations["touch_unclassified"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every user. */
        get: operations["user_list"];
        put?: never;
        /** Adds a user. */
        post: operations["user_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a user. */
        delete: operations["user_delete"];
        options?: never;
        head?: never;
        /** Changes a user. */
        patch: operations["user_update"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A key of the API, without the key. */
        ApiKey: {
            id: string;
            name: string;
            scopes: string[];
            hint: string;
            created_at: string;
            last_used_at: string | null;
            revoked_at: string | null;
        };
        /** @description A new key with the key itself, which is shown this once. */
        ApiKeyCreated: components["schemas"]["ApiKey"] & {
            key: string;
        };
        /** @description Something to look at. */
        Attention: {
            /** @enum {string} */
            code: "quarantine_open" | "reviews_open" | "suspended_identifiers" | "silent_sources" | "dead_jobs";
            /** Format: int64 */
            count: number;
            /** @description Path of the console where it is settled. */
            link: string;
        };
        /** @description An audience. */
        Audience: {
            id: string;
            /** @description Short name for programs and rules, unique. */
            key: string;
            name: string;
            description: string;
            /** @description `active`, `paused` or `archived`. */
            state: string;
            /**
             * Format: int64
             * @description Members now; 0 until a version is in force.
             */
            size: number;
            live: components["schemas"]["AudienceVersion"] | null;
            next: components["schemas"]["AudienceVersion"] | null;
            /** @description The last 30 days. */
            trend: components["schemas"]["AudienceHour"][];
            /** @description The stored definition cannot be used: why. Its members stay as they were. */
            broken: string | null;
            created_at: string;
            updated_at: string;
        };
        /** @description How a version is put in force. */
        AudienceApply: {
            /**
             * @description Whoever comes or goes with it has an event of it.
             * @default false
             */
            announce: boolean;
        };
        /** @description How far building is. One run builds everything that waits. */
        AudienceBuild: {
            /**
             * @description What building is at.
             * @enum {string}
             */
            phase: "history" | "moved" | "people";
            /**
             * Format: int64
             * @description People done in this phase.
             */
            done: number;
            /**
             * Format: int64
             * @description People in all.
             */
            total: number;
        };
        /** @description Audiences made one. */
        AudienceCombine: {
            /**
             * @description How audiences are made one.
             * @enum {string}
             */
            operation: "union" | "intersect" | "minus";
            /** @description Keys of the audiences, two at least; of `minus` the first is the one that the others are taken from. */
            audiences: string[];
        };
        /** @description An audience among others. */
        AudienceCompared: {
            key: string;
            name: string;
            /** @description How many people are in both this audience and each of the audiences, in their order. */
            overlap: number[];
            profile: components["schemas"]["Profile"];
        };
        /** @description How a version differs from the one in force. */
        AudienceDiff: {
            /** Format: int64 */
            entering: number;
            /** Format: int64 */
            leaving: number;
            /** Format: int64 */
            staying: number;
            /** @description Some who would come. */
            entering_sample: components["schemas"]["PersonRow"][];
            /** @description Some who would go. */
            leaving_sample: components["schemas"]["PersonRow"][];
        };
        /** @description How many a definition finds. */
        AudienceEstimate: {
            /** @description Everybody was looked at; else `low` to `high` holds the size with a probability of 95 %. */
            exact: boolean;
            /** Format: int64 */
            size: number;
            /** Format: int64 */
            low: number;
            /** Format: int64 */
            high: number;
            /**
             * Format: int64
             * @description People in all.
             */
            people: number;
            /**
             * Format: int64
             * @description People looked at.
             */
            looked_at: number;
            /** @description Some members. */
            sample: components["schemas"]["PersonRow"][];
            reach: components["schemas"]["AudienceReach"][];
            overlap: components["schemas"]["AudienceOverlap"][];
        };
        /** @description An audience with its versions. */
        AudienceFull: components["schemas"]["Audience"] & {
            /** @description The newest first. */
            versions: components["schemas"]["AudienceVersion"][];
            build: components["schemas"]["AudienceBuild"] | null;
        };
        /** @description The size of an audience at the end of an hour in which somebody came or went. */
        AudienceHour: {
            /** @description Begin of the hour. */
            at: string;
            /** Format: int64 */
            size: number;
            /** Format: int64 */
            entered: number;
            /** Format: int64 */
            exited: number;
        };
        /** @description A new audience. */
        AudienceIn: {
            key: string;
            /** @description The key when left out. */
            name?: string;
            description?: string;
            /** @description As JSON; or `text`. */
            definition?: {
                [key: string]: unknown;
            };
            /** @description As text; or `definition`. */
            text?: string;
            /** @description Whoever is in it from the start has an event of it. */
            announce?: boolean;
        };
        /** @description A list. */
        AudienceList: {
            id: string;
            /** @description Short name for programs and rules, unique. */
            key: string;
            name: string;
            /**
             * Format: int64
             * @description Identifiers on it.
             */
            entries: number;
            /**
             * Format: int64
             * @description Of these, somebody has.
             */
            matched: number;
            /**
             * Format: int64
             * @description Of these, nobody has yet; they count as soon as somebody does.
             */
            unmatched: number;
            created_at: string;
            updated_at: string;
        };
        /** @description Identifiers for a list. */
        AudienceListIn: {
            /** @description Name for people; what it was, or the key, when left out. */
            name?: string;
            /** @description Namespace of lines that are no `namespace,value`, for instance `phone`. */
            namespace?: string;
            /** @description One identifier a line: `value`, or `namespace,value`. */
            text: string;
            /** @description Takes the place of what is on the list; else it is added. */
            replace?: boolean;
        };
        /** @description What an upload did. */
        AudienceListUploaded: components["schemas"]["AudienceList"] & {
            /**
             * Format: int64
             * @description Identifiers that are new on it.
             */
            added: number;
            /** @description Lines that are no identifier. */
            refused: number;
            /** @description The first hundred of them. */
            refused_lines: components["schemas"]["RefusedLine"][];
        };
        /** @description A member. */
        AudienceMember: {
            person: components["schemas"]["PersonRow"];
            since_at: string;
            /**
             * @description What made the person a member: `event`, `timer`, `trait`, `tag`, `stage`, `consent`, `merge`, `unmerge`,
             *     `erasure`, `list`, `prediction`, `definition` or `replay`.
             */
            cause: string;
        };
        /** @description A page of members. */
        AudienceMembers: {
            items: components["schemas"]["AudienceMember"][];
            /** @description `cursor` of the next page. */
            next: string | null;
        };
        /** @description Members who are in another audience as well. */
        AudienceOverlap: {
            /** @description The other audience. */
            key: string;
            /**
             * Format: int64
             * @description Members in both.
             */
            both: number;
            /**
             * Format: int64
             * @description Members of the other.
             */
            other: number;
        };
        /** @description A change of an audience. What is left out stays. A changed definition becomes a version beside the one in force. */
        AudiencePatch: {
            name?: string;
            description?: string;
            /** @description As JSON; or `text`. */
            definition?: {
                [key: string]: unknown;
            };
            /** @description As text; or `definition`. */
            text?: string;
            /** @description Why. */
            note?: string;
            /** @description Put the new version in force as soon as it is built. */
            auto_apply?: boolean;
            /** @description `active`, `paused` or `archived`. */
            state?: string;
        };
        /** @description Members who may be contacted on a channel, after consent. */
        AudienceReach: {
            /** @description `email`, `sms` … */
            channel: string;
            /** Format: int64 */
            people: number;
        };
        /** @description How the evaluation of audiences fares. */
        AudienceState: {
            /**
             * Format: int64
             * @description Audiences that are kept current.
             */
            active: number;
            /**
             * Format: int64
             * @description Versions that are being built.
             */
            building: number;
            /**
             * Format: int64
             * @description Versions whose last attempt failed; they are tried again.
             */
            failed: number;
            /** @description Definitions that cannot be used. */
            broken: components["schemas"]["BrokenDefinition"][];
            /**
             * Format: int64
             * @description People still to be looked at.
             */
            marked: number;
            /**
             * Format: int64
             * @description People with an instant at which something changes by the passing of time.
             */
            armed: number;
            /**
             * Format: int64
             * @description Seconds that the earliest such instant is overdue; 0 when none is.
             */
            overdue_s: number;
        };
        /** @description An audience kept at a destination. */
        AudienceSync: {
            id: string;
            destination_id: string;
            audience_id: string;
            /** @description Absent when the audience is gone. */
            audience_key: string | null;
            audience_name: string | null;
            /** @description What its files are called. */
            name: string;
            /** @description Purpose of the consent that is asked for. */
            purpose: string;
            /** @description Channel of it. */
            channel: string;
            format: components["schemas"]["ExportFormat"];
            mode: components["schemas"]["SyncMode"];
            schedule: components["schemas"]["ExportSchedule"] | null;
            state: components["schemas"]["SyncState"];
            /**
             * Format: int64
             * @description People at the destination.
             */
            held: number;
            /** @description A run waits or is under way. */
            queued: boolean;
            /** @description When it runs next by itself. */
            next_at: string | null;
            last_run: components["schemas"]["SyncRun"] | null;
            /** @description What went wrong last and how to mend it. */
            error: string | null;
            created_at: string;
        };
        /** @description Syncs that are not ended. */
        AudienceSyncPage: {
            items: components["schemas"]["AudienceSync"][];
            next: string | null;
        };
        /** @description A change of a sync. What is left out stays. Everybody is compared anew. */
        AudienceSyncPatch: {
            name?: string | null;
            purpose?: string | null;
            channel?: string | null;
            format?: components["schemas"]["ExportFormat"] | null;
            mode?: components["schemas"]["SyncMode"] | null;
            schedule?: components["schemas"]["ExportSchedule"] | null;
        };
        /** @description A version of an audience. */
        AudienceVersion: components["schemas"]["Shown"] & {
            /** Format: int64 */
            number: number;
            /**
             * @description Where a version stands.
             * @enum {string}
             */
            state: "building" | "failed" | "stopped" | "ready" | "live" | "retired";
            /**
             * Format: int64
             * @description Members.
             */
            size: number;
            /** @description Why it was made. */
            note: string;
            /** @description By whom. */
            actor: string;
            /** @description Everybody is still to be looked at; until then its members stay as they are. */
            settling: boolean;
            /** @description Comes into force by itself. */
            auto_apply: boolean;
            /** @description Why building failed. */
            error: string | null;
            created_at: string;
            built_at: string | null;
            applied_at: string | null;
        };
        /** @description Why a person is in an audience, or not. */
        AudienceWhy: {
            person_id: string;
            /** @description A member of the version in force. */
            member: boolean;
            since_at: string | null;
            /** @description What made the person a member. */
            cause: string | null;
            /** @description The conditions as a tree: `path`, `code`, `params`, `found`, `holds`, `changes_at`, `inside`. */
            explanation: {
                [key: string]: unknown;
            };
            /** @description Something about the person is still to be looked at: the answer may change in a moment. */
            pending: boolean;
        };
        /** @description Audiences to lay side by side. */
        AudiencesCompare: {
            /** @description Keys, 1 to 8. */
            audiences: string[];
        };
        /** @description Audiences side by side. */
        AudiencesCompared: {
            audiences: components["schemas"]["AudienceCompared"][];
            everybody: components["schemas"]["Profile"];
        };
        /** @description A page of the audit log. */
        AuditPage: {
            items: components["schemas"]["AuditRow"][];
            next: string | null;
        };
        /** @description A row of the audit log. */
        AuditRow: {
            at: string;
            actor: string;
            action: string;
            object: string;
            detail: unknown;
        };
        /** @description Values that link nothing. */
        Blocked: {
            built_in: string[];
            custom: components["schemas"]["BlockedRule"][];
        };
        /** @description A rule to add. */
        BlockedIn: {
            /** @description Every namespace when null; exact values only. */
            namespace?: string | null;
            kind: components["schemas"]["BlockedRuleKind"];
            value: string;
        };
        /** @description A rule of your own. */
        BlockedRule: {
            id: string;
            namespace: string | null;
            kind: components["schemas"]["BlockedRuleKind"];
            value: string;
            created_at: string;
            /**
             * Format: int64
             * @description Claims of events that it kept out.
             */
            hits: number;
        };
        /**
         * @description How a rule finds values.
         * @enum {string}
         */
        BlockedRuleKind: "exact" | "regex" | "seen_more_than";
        /** @description A stored definition that cannot be used; members stay as they were. */
        BrokenDefinition: {
            /** @description Key, with the number of the version when it is not the one in force. */
            key: string;
            /** @description Why. */
            detail: string;
        };
        /** @description A channel. */
        Channel: {
            key: string;
            label: {
                [key: string]: string;
            };
            online: boolean;
            paid: boolean;
        };
        /** @description Events by source kind. */
        ChannelEvents: {
            key: string;
            /** Format: int64 */
            events: number;
        };
        /** @description A definition to be checked. */
        CheckIn: {
            /** @description As JSON; or `text`. */
            definition?: {
                [key: string]: unknown;
            };
            /** @description As text; or `definition`. */
            text?: string;
            /** @description Key of the audience it is for: one that refers to itself is found. */
            key?: string;
        };
        /** @description A checked definition. */
        CheckOut: {
            /** @description It can be used. */
            ok: boolean;
            faults: components["schemas"]["DefinitionFault"][];
            shown: components["schemas"]["Shown"] | null;
        };
        /** @description Figures of the period before. */
        Compare: {
            /** Format: int64 */
            revenue_minor: number;
            /** Format: int64 */
            orders: number;
            /** Format: int64 */
            buyers: number;
            /** Format: int64 */
            new_people: number;
        };
        /** @description Which values people have. */
        ComputedDistribution: {
            /**
             * Format: int64
             * @description How many people have one.
             */
            known: number;
            /**
             * Format: int64
             * @description How many different ones there are.
             */
            different: number;
            /** @description The most frequent ones, the most first. */
            top: components["schemas"]["ComputedFrequent"][];
            numbers: components["schemas"]["ComputedNumbers"] | null;
        };
        /** @description A value and how many have it. */
        ComputedFrequent: {
            value: unknown;
            /** Format: int64 */
            people: number;
        };
        /** @description Quantiles of values that are numbers. */
        ComputedNumbers: {
            /**
             * Format: int64
             * @description How many numbers were looked at; of very many an even sample.
             */
            looked_at: number;
            /** Format: double */
            mean: number;
            /** Format: double */
            min: number;
            /** Format: double */
            p10: number;
            /** Format: double */
            p25: number;
            /** Format: double */
            median: number;
            /** Format: double */
            p75: number;
            /** Format: double */
            p90: number;
            /** Format: double */
            max: number;
        };
        /** @description Definitions that are enabled together. */
        ComputedPack: {
            name: string;
            enabled: boolean;
            parts: components["schemas"]["ComputedPackPart"][];
        };
        /** @description A definition of a pack. */
        ComputedPackPart: {
            key: string;
            /** @enum {string} */
            kind: "audience" | "computed";
            name: {
                [key: string]: string;
            };
            description: {
                [key: string]: string;
            };
            /** @enum {string} */
            state: "missing" | "building" | "live" | "archived";
        };
        /** @description Packs to enable. */
        ComputedPacksEnable: {
            /** @description Their names. */
            packs: string[];
            /** @description Language of names and descriptions: `en` or `zh-CN`. */
            language?: string | null;
        };
        /** @description A computed trait. */
        ComputedTrait: {
            key: string;
            name: string;
            description: string;
            live: components["schemas"]["ComputedTraitVersion"] | null;
            next: components["schemas"]["ComputedTraitVersion"] | null;
            /**
             * Format: int64
             * @description How many people have a value.
             */
            people: number;
            /**
             * Format: double
             * @description Share of all people, 0 to 1.
             */
            share: number;
            created_at: string;
            updated_at: string;
        };
        /** @description A computed trait to make or change. */
        ComputedTraitPut: {
            /** @description Name for people; the key when left out. */
            name?: string;
            description?: string;
            /** @description IANA name of the zone of its calendar and clock times; the installation's when left out. */
            zone?: string | null;
            /** @description See `#/$defs/computation` of `GET /api/audiences/schema`. */
            computation: {
                [key: string]: unknown;
            };
        };
        /** @description A version of a computed trait. */
        ComputedTraitVersion: {
            /** Format: int64 */
            number: number;
            /** @enum {string} */
            state: "building" | "failed" | "stopped" | "ready" | "live" | "retired";
            /** @description IANA name of the zone of its calendar and clock times. */
            zone: string;
            /** @description See `#/$defs/computation` of `GET /api/audiences/schema`. */
            computation: {
                [key: string]: unknown;
            };
            actor: string;
            created_at: string;
            applied_at: string | null;
            /** @description Why building failed. */
            error: string | null;
        };
        /** @description A consent to record. */
        ConsentIn: {
            purpose: string;
            channel: string;
            /** @enum {string} */
            action: "grant" | "deny" | "withdraw" | "object";
            /** @enum {string} */
            legal_basis?: "consent" | "contract" | "legal_duty" | "legitimate_interest";
            notice_version?: string | null;
            /** @description Proof; needs `method`. */
            evidence: {
                [key: string]: unknown;
            };
            given_at?: string | null;
            expires_at?: string | null;
        };
        /** @description A consent record with its proof. */
        ConsentRecord: {
            id: string;
            purpose: string;
            channel: string;
            /** @enum {string} */
            action: "grant" | "deny" | "withdraw" | "object";
            /** @enum {string} */
            legal_basis: "consent" | "contract" | "legal_duty" | "legitimate_interest";
            notice_version: string | null;
            evidence: {
                [key: string]: unknown;
            };
            given_at: string;
            received_at: string;
            expires_at: string | null;
            source_name: string;
            identifier: components["schemas"]["IdentifierRef"] | null;
        };
        /** @description May the person be contacted? */
        ContactLight: {
            purpose: string;
            channel: string;
            allowed: boolean;
            reason: string;
            record_id: string | null;
        };
        /** @description A named definition of a conversion. */
        Conversion: {
            id: string;
            name: string;
            /** @description Short name for programs, unique. */
            key: string;
            event: string;
            filter: components["schemas"]["ConversionFilter"] | null;
            /** @description `"revenue"`, `"none"`, `{"property": path}` or `{"fixed_minor": n}`. */
            value: unknown;
            /**
             * @description How often a person's conversions count.
             * @enum {string}
             */
            count: "every" | "once_per_person" | "once_per_session";
            /**
             * @description What makes two conversions one.
             * @enum {string}
             */
            dedupe: "order_id" | "none";
            refund_event: string | null;
            currency: string;
            default: boolean;
        };
        /** @description One condition on the properties. */
        ConversionCondition: {
            /** @description Path in the properties. */
            path: string;
            /**
             * @description How a property is compared.
             * @enum {string}
             */
            op: "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "contains" | "exists";
            value: unknown;
        };
        /** @description Conditions that must all hold. */
        ConversionFilter: {
            all: components["schemas"]["ConversionCondition"][];
        };
        /** @description A new definition or a change of one. What is left out stays, or has its default. */
        ConversionIn: {
            name?: string;
            key?: string;
            event?: string;
            filter?: components["schemas"]["ConversionFilter"] | null;
            value?: unknown;
            /**
             * @description How often a person's conversions count.
             * @enum {string}
             */
            count?: "every" | "once_per_person" | "once_per_session";
            /**
             * @description What makes two conversions one.
             * @enum {string}
             */
            dedupe?: "order_id" | "none";
            /** @description `null` for none. */
            refund_event?: string | null;
            currency?: string;
            default?: boolean;
        };
        /** @description A field that cleaning changed. */
        CorrectionView: {
            field: string;
            raw: unknown;
            rule: string;
        };
        /** @description Path lengths, time lags, top paths, crossings. */
        CreditPaths: {
            length: components["schemas"]["PathLength"][];
            lag_days: components["schemas"]["PathLag"][];
            top: components["schemas"]["PathTop"][];
            cross: components["schemas"]["PathCross"];
        };
        /** @description The report. Rows and unattributed sum to the total, to the minor unit. */
        CreditReport: {
            conversion: string;
            /**
             * @description How credit is divided.
             * @enum {string}
             */
            model: "first" | "last" | "last_non_direct" | "linear" | "time_decay" | "position";
            /** Format: int32 */
            lookback_days: number;
            /**
             * @description What a row stands for.
             * @enum {string}
             */
            by: "channel" | "campaign" | "touchpoint";
            from: string;
            to: string;
            as_of: string;
            /**
             * Format: int64
             * @description How often identity had changed when the report was made.
             */
            identity_version: number;
            currency: string;
            rows: components["schemas"]["CreditRow"][];
            unattributed: components["schemas"]["CreditUnattributed"];
            total: components["schemas"]["CreditTotal"];
            /** @description Revenue by model and key. */
            all_models: {
                [key: string]: {
                    [key: string]: number;
                };
            };
            /** Format: double */
            elapsed_ms: number;
            /** Format: int64 */
            events_scanned: number;
            /** @description What was left out, and why. */
            notes: string[];
        };
        /** @description A row of the report. */
        CreditRow: {
            /** @description `channel`, `channel/campaign` or `channel/campaign/touchpoint`. */
            key: string;
            label: string;
            channel: string;
            campaign: string | null;
            /** Format: int64 */
            touches: number;
            /** Format: double */
            conversions: number;
            /** Format: int64 */
            revenue_minor: number;
            /** Format: int64 */
            cost_minor: number | null;
            /** Format: int64 */
            impressions: number;
            /** Format: int64 */
            clicks: number;
            /**
             * Format: int64
             * @description Cost of a new customer.
             */
            cac_minor: number | null;
            /** Format: double */
            roas: number | null;
            /** Format: int64 */
            assisted_conversions: number;
            /** Format: double */
            share: number;
        };
        /** @description Sums of the period. */
        CreditTotal: {
            /** Format: int64 */
            conversions: number;
            /** Format: int64 */
            revenue_minor: number;
            /** Format: int64 */
            buyers: number;
        };
        /** @description What no touch earned. */
        CreditUnattributed: {
            /** Format: int64 */
            conversions: number;
            /** Format: int64 */
            revenue_minor: number;
            /** Format: double */
            share: number;
        };
        /** @description Net revenue in a currency. */
        CurrencyRevenue: {
            currency: string;
            /** Format: int64 */
            revenue_minor: number;
        };
        /** @description Events of a day. */
        DayCount: {
            day: string;
            /** Format: int64 */
            events: number;
            /** Format: int64 */
            quarantined: number;
        };
        /** @description What is wrong with a definition, and where. */
        DefinitionFault: {
            /** @description Stable, for programs. */
            code: string;
            /** @description What is wrong and how to mend it. */
            detail: string;
            /** @description Where in the tree, for instance `rule.all[2].did`. */
            path: string | null;
            /** @description What was probably meant. */
            suggestion: string | null;
            /** @description Line in the text, from 1. */
            line: number | null;
            /** @description Column in the text, from 1. */
            column: number | null;
            /** @description Offset in the text in bytes, from 0. */
            offset: number | null;
            /** @description Length in bytes of what is wrong. */
            length: number | null;
            /** @description What may stand there instead. */
            expected: string[];
        };
        /** @description How far the demo's loading is. */
        DemoState: {
            /** @enum {string} */
            state: "loading" | "ready";
            /** Format: int64 */
            done: number;
            /** Format: int64 */
            total: number;
        };
        /** @description A destination as shown. */
        Destination: {
            id: string;
            name: string;
            settings: components["schemas"]["DestinationSettings"];
            /** @description Names of the secrets that are set; none is ever shown. */
            secrets: string[];
            /**
             * Format: int64
             * @description Syncs that are not ended.
             */
            syncs: number;
            /**
             * Format: int64
             * @description Syncs whose last attempt failed.
             */
            failing: number;
            created_at: string;
            updated_at: string;
            /** @description The key of a webhook's signature, shown this once: when it was made here. */
            signing_secret?: string;
        };
        /** @description Every destination in use. */
        DestinationPage: {
            items: components["schemas"]["Destination"][];
            next: string | null;
        };
        /** @description A change of a destination. What is left out stays; the kind does. */
        DestinationPatch: {
            name?: string | null;
            settings?: components["schemas"]["DestinationSettings"] | null;
            secrets?: components["schemas"]["DestinationSecrets"];
        };
        /** @description Secrets of a destination. In a change what is left out stays, and empty text takes one away. */
        DestinationSecrets: {
            /**
             * @description Of an S3 access key.
             * @default null
             */
            secret_access_key: string | null;
            /**
             * @description Of an SFTP account.
             * @default null
             */
            password: string | null;
            /**
             * @description Of an SFTP account; Ed25519 or ECDSA.
             * @default null
             */
            private_key: string | null;
            /**
             * @description Of the private key.
             * @default null
             */
            passphrase: string | null;
            /**
             * @description Address of a webhook.
             * @default null
             */
            url: string | null;
            /**
             * @description Key of a webhook's signature; one is made when it is left out.
             * @default null
             */
            signing_secret: string | null;
            /**
             * @description Further headers of a webhook; all of them.
             * @default null
             */
            headers: {
                [key: string]: string;
            } | null;
        };
        /** @description Where a destination is, without anything secret. */
        DestinationSettings: {
            /** @description Its name. */
            folder: string;
            /**
             * Format: int32
             * @description How many files of a sync are kept; 7 when left out.
             */
            keep?: number | null;
            /** @enum {string} */
            kind: "file";
        } | {
            bucket: string;
            /** @description Folder inside it. */
            prefix?: string | null;
            /** @description `us-east-1` when left out. */
            region?: string | null;
            /** @description Address of a storage that is not Amazon's. */
            endpoint?: string | null;
            /** @description Addresses the bucket as a host name. */
            virtual_hosted_style?: boolean | null;
            access_key_id: string;
            /** @enum {string} */
            kind: "s3";
        } | {
            host: string;
            /**
             * Format: int32
             * @description 22 when left out.
             */
            port?: number | null;
            user: string;
            /** @description Fingerprint of the server's key, `SHA256:…`. Without one a test says which it shows. */
            host_key?: string | null;
            /** @description The account's own when left out. */
            folder?: string | null;
            /** @enum {string} */
            kind: "sftp";
        } | {
            /** @description The host of the address; set by the server. */
            host?: string | null;
            /**
             * Format: int32
             * @description People in one request, at most 1,000.
             */
            batch?: number | null;
            /** @enum {string} */
            kind: "webhook";
        };
        /** @description What came of a test. */
        DestinationTest: {
            /** @description It works. */
            ok: boolean;
            /** @description Where the test went, or what is wrong and how to mend it. */
            detail: string;
        };
        /** @description How many were given up. */
        Discarded: {
            /** Format: int64 */
            discarded: number;
        };
        /** @description The first rows as events and people. */
        DryRun: {
            rows: components["schemas"]["DryRunRow"][];
            people: components["schemas"]["DryRunPerson"][];
            errors: components["schemas"]["DryRunError"][];
        };
        /** @description A refused row. */
        DryRunError: {
            /** Format: int64 */
            line: number;
            column: string | null;
            message: string;
            /** @description The message as codes and values, to say it in another language. */
            wording: components["schemas"]["Wording"][];
        };
        /** @description An identifier of a dry run. */
        DryRunIdentifier: {
            namespace: string;
            value: string;
        };
        /** @description The mapping to try. */
        DryRunIn: {
            /** @description TOML. */
            mapping: string;
        };
        /** @description A person as the rows tell. */
        DryRunPerson: {
            identifiers: components["schemas"]["DryRunIdentifier"][];
            traits: {
                [key: string]: unknown;
            };
        };
        /** @description A row, or the rows of a group, and what it becomes. */
        DryRunRow: {
            /** Format: int64 */
            line: number;
            events: {
                [key: string]: unknown;
            }[];
            error: string | null;
            /** @description The error as codes and values, to say it in another language. */
            wording: components["schemas"]["Wording"][];
        };
        /** @description What to erase and why. */
        EraseIn: {
            /** @description `phone`, `email`, `user_id` … */
            namespace: string;
            value: string;
            /** @description For the record; must not name the person. */
            reason: string;
            /** @description The law or case that calls for keeping orders. They are kept without the person. */
            legal_hold?: string | null;
        };
        /** @description What is asked. */
        EstimateIn: {
            /** @description As JSON; or `text`. */
            definition?: {
                [key: string]: unknown;
            };
            /** @description As text; or `definition`. */
            text?: string;
            /**
             * @description How thoroughly people are looked at.
             * @enum {string}
             */
            mode?: "sample" | "exact";
            /** @description Keys of audiences to compare with; all when left out. */
            compare?: string[];
            /** @description Purpose of contact; marketing when left out. */
            purpose?: string;
        };
        /** @description A row of the evidence log. */
        Evidence: {
            /** @description Its number, as text: it is larger than what JavaScript's numbers hold exactly. */
            seq: string;
            at: string;
            /** @description `assert`, `bind`, `alias`, `takeover`, `follow`, `must_link`, `match`, `rename` … */
            kind: string;
            event_id: string | null;
            source_name: string | null;
            /**
             * Format: int32
             * @description Version of the rules it was decided by.
             */
            rule_version: number;
            note: string | null;
            /** @description The note as codes and values, to say it in another language; empty when somebody wrote it. */
            wording: components["schemas"]["Wording"][];
            /** @description Who said it, when it was no event. */
            actor: string | null;
        };
        /** @description Why this is one person; with `other`, why that one is or is not the same. */
        Explain: {
            edges: components["schemas"]["ExplainEdge"][];
            refused: components["schemas"]["ExplainRefused"][];
            slices: components["schemas"]["ExplainSlice"][];
            merges: components["schemas"]["ExplainMerge"][];
            /** @description Whether the other one is the same person. Absent when no other was asked for; so are `reason` and `path`. */
            same: boolean | null;
            reason: string | null;
            /** @description The shortest chain of links between the two. */
            path: components["schemas"]["ExplainEdge"][] | null;
        };
        /** @description A link between two identifiers. */
        ExplainEdge: {
            a: components["schemas"]["IdentifierRef"];
            b: components["schemas"]["IdentifierRef"];
            /** @description Newest first, at most 20. */
            evidence: components["schemas"]["Evidence"][];
        };
        /** @description Two persons that became one. */
        ExplainMerge: {
            at: string;
            kept: string;
            absorbed: string;
            /** @description An event, who decided it and why, or a version of the rules. */
            cause: string;
            /** @description The cause as codes and values, to say it in another language; empty when it is an event or somebody. */
            wording: components["schemas"]["Wording"][];
        };
        /** @description A claim that was kept out of linking. */
        ExplainRefused: {
            at: string;
            a: components["schemas"]["IdentifierRef"];
            b: components["schemas"]["IdentifierRef"];
            reason: string;
            /** @description The reason as codes and values, to say it in another language. */
            wording: components["schemas"]["Wording"][];
        };
        /** @description A span of a shared device, and whose events it has. */
        ExplainSlice: {
            identifier: components["schemas"]["IdentifierRef"];
            from_at: string;
            to_at: string | null;
            person_id: string;
        };
        /** @description A column of a table. */
        ExportColumn: {
            /** @description What it is called in the file. */
            name: string;
            source: components["schemas"]["ExportSource"];
            hash?: components["schemas"]["ExportHash"] | null;
        };
        /** @description The form in which people leave. */
        ExportFormat: {
            columns: components["schemas"]["ExportColumn"][];
            /** @enum {string} */
            kind: "csv";
        } | {
            columns: components["schemas"]["ExportColumn"][];
            /** @enum {string} */
            kind: "parquet";
        } | {
            columns: components["schemas"]["ExportColumn"][];
            /** @enum {string} */
            kind: "json";
        } | {
            /** @enum {string} */
            kind: "meta_customers";
        } | {
            /** @enum {string} */
            kind: "google_customers";
        } | {
            id: components["schemas"]["OceanIdType"];
            /** @enum {string} */
            kind: "ocean_list";
        } | {
            id: components["schemas"]["OceanIdType"];
            /** @enum {string} */
            kind: "ocean_data";
        } | {
            id: components["schemas"]["TencentIdType"];
            /** @enum {string} */
            kind: "tencent_list";
        };
        /**
         * @description A hash.
         * @enum {string}
         */
        ExportHash: "none" | "sha256" | "md5";
        /** @description Set times, on the wall of the installation's zone. */
        ExportSchedule: {
            /** @description Every so many minutes, 5 to 1440. */
            every: {
                /** Format: int32 */
                minutes: number;
            };
        } | {
            /** @description Once an hour. */
            hourly: {
                /** Format: int32 */
                minute: number;
            };
        } | {
            /** @description Once a day. */
            daily: {
                /** Format: int32 */
                hour: number;
                /** Format: int32 */
                minute: number;
            };
        } | {
            /** @description Once a week; 1 is Monday. */
            weekly: {
                /** Format: int32 */
                weekday: number;
                /** Format: int32 */
                hour: number;
                /** Format: int32 */
                minute: number;
            };
        };
        /** @description What a column holds. */
        ExportSource: {
            /** @description The strongest identifier of a namespace. */
            identifier: string;
        } | {
            /** @description Every identifier of the namespace. */
            identifiers: string;
        } | {
            /** @description A trait, as the person shows it. */
            trait: string;
        } | "tags" | "stage" | "entered_at";
        /** @description A saved fix. */
        Fix: {
            id: string;
            /** Format: int64 */
            version: number;
            name: string;
            source_id: string | null;
            filter: {
                [key: string]: unknown;
            };
            ops: components["schemas"]["FixOp"][];
            active: boolean;
            created_at: string;
            /**
             * Format: int64
             * @description Quarantined events it mended.
             */
            applied: number;
        };
        /**
         * @description What a value is cast to.
         * @enum {string}
         */
        FixCast: "number" | "integer" | "string" | "boolean" | "date";
        /** @description An operation of a fix. Paths name fields of the raw event: `properties.price`, `properties.products[].price`. */
        FixOp: {
            op: components["schemas"]["FixOpKind"];
            /** @description With `rename_event`: only events of this name. */
            from?: string;
            path?: string;
            to?: string;
            map?: {
                [key: string]: unknown;
            };
            type?: components["schemas"]["FixCast"];
            value?: unknown;
            /** @description `message_id`, `group_id`, `traits`, `properties`. */
            limit?: string;
        };
        /**
         * @description What an operation does.
         * @enum {string}
         */
        FixOpKind: "rename_event" | "rename" | "map_value" | "cast" | "set_default" | "drop" | "raise_limit";
        /** @description The operations of a preview. */
        FixOps: {
            ops: components["schemas"]["FixOp"][];
        };
        /** @description How far what follows the log (statistics, summaries of people) is, and whether it is stuck. */
        Follower: {
            /**
             * Format: int64
             * @description Age of the oldest event not followed yet, seconds.
             */
            lag_s: number;
            /**
             * Format: int64
             * @description Seconds since nothing could be committed any more; 0 when it can.
             */
            failing_s: number;
            /**
             * Format: int64
             * @description Events passed over since the start, because the store refused what follows from them.
             */
            skipped: number;
        };
        /** @description A household. */
        Household: {
            id: string;
            name: string;
            members: components["schemas"]["Member"][];
        };
        /** @description An identifier of a person. */
        Identifier: {
            id: string;
            namespace: string;
            value: string;
            /** @description Somebody vouched for it. */
            verified: boolean;
            /** @description The person's id comes from it. */
            primary: boolean;
            /** @enum {string} */
            status: "active" | "shared" | "suspended" | "blocked" | "hint" | "ended";
            first_seen_at: string;
            last_seen_at: string;
            ended_at: string | null;
            source_name: string;
            /** Format: int32 */
            generation: number;
        };
        /** @description A further place of an identifier. */
        IdentifierField: {
            /** @description Path in the event, for instance `properties.card_no`. */
            path: string;
            /** @description Namespace, for instance `member_no`. */
            namespace: string;
        };
        /** @description Any identifier of a person. */
        IdentifierIn: {
            /** @description `phone`, `email`, `user_id` … */
            namespace: string;
            value: string;
        };
        /** @description Namespace and value; masked for callers without the right to see personal data. */
        IdentifierRef: {
            /** @description Namespace. */
            namespace: string;
            /** @description Value. */
            value: string;
        };
        /** @description An import. */
        Import: {
            id: string;
            file_name: string;
            /** @description `csv`, `tsv`, `jsonl`, `parquet`. */
            format: string;
            kind: components["schemas"]["ImportKind"];
            state: components["schemas"]["ImportState"];
            /** Format: int64 */
            rows_total: number | null;
            /** Format: int64 */
            rows_done: number;
            /** Format: int64 */
            accepted: number;
            /** Format: int64 */
            duplicates: number;
            /** Format: int64 */
            quarantined: number;
            /** Format: int64 */
            rejected: number;
            /**
             * Format: double
             * @description Rows a second while it runs.
             */
            rate: number;
            /** Format: double */
            remaining_s: number | null;
            started_at: string | null;
            finished_at: string | null;
            error: string | null;
            /** @description The error as codes and values, to say it in another language. */
            wording: components["schemas"]["Wording"][];
            mapping_name: string | null;
            source_id: string | null;
        };
        /** @description A column with what it seems to be. */
        ImportColumn: {
            name: string;
            sample: string[];
            guess: string | null;
        };
        /** @description A new import with its drafted mapping. */
        ImportCreated: components["schemas"]["Import"] & {
            guess: components["schemas"]["ImportGuess"];
        };
        /** @description A drafted mapping. */
        ImportGuess: {
            /** @description The mapping as text. */
            toml: string;
            /** @description The same as an object. */
            mapping: {
                [key: string]: unknown;
            };
            encoding: string;
            delimiter: string | null;
            columns: components["schemas"]["ImportColumn"][];
        };
        /**
         * @description What the rows of a file become.
         * @enum {string}
         */
        ImportKind: "events" | "ad_spend";
        /** @description A page of imports. */
        ImportPage: {
            items: components["schemas"]["Import"][];
            next: string | null;
        };
        /** @description How to start. */
        ImportStart: {
            /** @description TOML. */
            mapping: string;
            /** @description The source of the events; the mapping's when absent. */
            source_id?: string | null;
        };
        /**
         * @description Where an import stands.
         * @enum {string}
         */
        ImportState: "draft" | "running" | "paused" | "done" | "failed" | "cancelled";
        /** @description Rates and latency of the collect endpoints. */
        Ingest: {
            /** Format: double */
            events_per_s_1m: number;
            /** Format: double */
            p99_ms: number;
        };
        /** @description A job of the background workers. */
        Job: {
            id: string;
            /** @description What it does: `lake.seal`, `privacy.erase` … */
            kind: string;
            state: components["schemas"]["JobState"];
            /** Format: int32 */
            attempts: number;
            /** Format: int32 */
            max_attempts: number;
            /** @description Not before. */
            run_at: string;
            last_error: string | null;
            created_at: string;
        };
        /** @description Work that goes on in the background; see `/api/jobs`. */
        JobAccepted: {
            job_id: string;
        };
        /** @description A page of jobs. */
        JobPage: {
            items: components["schemas"]["Job"][];
            next: string | null;
        };
        /**
         * @description Where a job stands.
         * @enum {string}
         */
        JobState: "ready" | "leased" | "done" | "dead";
        /** @description Jobs by state. */
        Jobs: {
            /** Format: int64 */
            ready: number;
            /** Format: int64 */
            leased: number;
            /** Format: int64 */
            dead: number;
        };
        /** @description People that would become one. */
        JoinExample: {
            person_ids: string[];
        };
        /** @description A month of the history. */
        LakeMonth: {
            /** @description `2026-11`, UTC. */
            month: string;
            /** Format: int64 */
            files: number;
            /** Format: int64 */
            rows: number;
            /** Format: int64 */
            bytes: number;
        };
        /** @description The state of the history. */
        LakeStatus: {
            /** @description A folder or `s3://bucket/prefix`; the files are `events/**\/*.parquet` below. */
            url: string;
            /** Format: int64 */
            files: number;
            /**
             * Format: int64
             * @description Sealed events.
             */
            rows: number;
            /** Format: int64 */
            bytes: number;
            /**
             * Format: int64
             * @description Events not sealed yet.
             */
            hot_events: number;
            months: components["schemas"]["LakeMonth"][];
            /**
             * Format: int64
             * @description Lines that moved since their events were written; the next compaction writes them down.
             */
            overrides: number;
            last_seal_at: string | null;
            /** @description When the waiting events are sealed at the latest. */
            next_seal_at: string | null;
        };
        /** @description A consent with which collecting begins again. */
        LiftIn: {
            /** @description `phone`, `email`, `user_id` … */
            namespace: string;
            value: string;
            /** @description Marketing when absent. */
            purpose?: string | null;
            /** @description Any when absent. */
            channel?: string | null;
            /** @description Text the person saw. */
            notice_version?: string | null;
            /** @description Proof; `method` is required. */
            evidence: {
                [key: string]: unknown;
            };
        };
        /** @description An arrival, the data of an `event` message. Identifiers are masked for everybody. */
        LiveEvent: {
            at: string;
            received_at: string;
            source_id: string;
            source_name: string;
            /** @description `track`, `page` … */
            kind: string;
            name: string;
            /** @description `accepted`, `corrected`, `duplicate`, `duplicate_conflict`, `quarantined`, `rejected`. */
            verdict: string;
            /** @description Why, when it was not simply accepted. */
            reason: string | null;
            person_id: string | null;
            identifiers: components["schemas"]["IdentifierRef"][];
            /**
             * Format: int64
             * @description Milliseconds from receipt to commit.
             */
            ms: number;
        };
        /** @description The message of a stream: one of both, as the event's name says. */
        LiveMessage: components["schemas"]["LiveEvent"] | components["schemas"]["LiveTick"];
        /** @description The rates of the last seconds, the data of a `tick` message. */
        LiveTick: {
            /** Format: double */
            events_per_s: number;
            /** Format: double */
            quarantined_per_s: number;
            /**
             * Format: int64
             * @description Arrivals that this stream was too slow to show.
             */
            missed: number;
        };
        /** @description The job that does it; see `/api/jobs`. */
        MatchingAccepted: {
            job_id: string;
        };
        /** @description The model in force. */
        MatchingModel: {
            /** Format: int64 */
            version: number;
            at: string;
            /**
             * Format: int64
             * @description People it was fitted to.
             */
            people: number;
        };
        /** @description A run on demand. */
        MatchingRequest: {
            /**
             * @description Whether a new model is fitted. Else one is only where there is none, there are a quarter more people, or 20 new
             *     answers.
             * @default false
             */
            fit: boolean;
        };
        /** @description What a run came to. */
        MatchingRun: {
            started_at: string;
            finished_at: string;
            /**
             * Format: int64
             * @description People read.
             */
            people: number;
            /**
             * Format: int64
             * @description Those who say another thing than when they were last matched; everybody after a new model.
             */
            changed: number;
            /**
             * Format: int64
             * @description Pairs compared.
             */
            compared: number;
            /**
             * Format: int64
             * @description Items added to the review queue.
             */
            review: number;
            /**
             * Format: int64
             * @description Pairs linked.
             */
            linked: number;
            /**
             * Format: int64
             * @description Links that limits refused.
             */
            refused: number;
            /**
             * Format: int64
             * @description Items taken out of the review queue, because the two are not probable any more.
             */
            withdrawn: number;
            /** Format: int64 */
            model_version: number;
            /** @description Whether the run fitted that model. */
            fitted: boolean;
        };
        /** @description How pairs are treated, and how often they are looked for. */
        MatchingSettings: {
            /** @description Whether pairs from `link_from` on are linked without asking. */
            auto_link: boolean;
            /**
             * Format: double
             * @description The probability from which a pair may be linked without asking, at least 0.5.
             */
            link_from: number;
            /**
             * Format: double
             * @description The probability from which a pair is put into the review queue.
             */
            review_from: number;
            /**
             * Format: int32
             * @description Minutes between two runs; 0 for runs on demand only.
             */
            every_minutes: number;
        };
        /** @description How matching stands. */
        MatchingStatus: {
            settings: components["schemas"]["MatchingSettings"];
            /** @description Whether a run is under way or about to begin. */
            running: boolean;
            next_run_at: string | null;
            last_run: components["schemas"]["MatchingRun"] | null;
            model: components["schemas"]["MatchingModel"] | null;
            /**
             * Format: int64
             * @description Answers in the review queue that the next model learns from.
             */
            answers: number;
        };
        /** @description The answer with its reason. */
        MayContact: {
            allowed: boolean;
            reason: string;
            record_id: string | null;
            at: string;
        };
        /** @description The signed-in user. */
        Me: {
            id: string;
            email: string;
            name: string;
            locale: string;
            /** @enum {string} */
            role: "owner" | "admin" | "privacy" | "marketer" | "analyst" | "viewer";
        };
        /** @description A change of one's own profile. */
        MePatch: {
            name?: string | null;
            locale?: string | null;
            password?: components["schemas"]["PasswordChange"] | null;
        };
        /** @description A member of a household. */
        Member: {
            id: string;
            display_name: string;
        };
        /** @description Who the two are now. */
        Merged: {
            person_id: string;
        };
        /** @description A fix with a name. */
        NamedFix: {
            name?: string;
            ops: components["schemas"]["FixOp"][];
        };
        /** @description A new key. */
        NewApiKey: {
            name: string;
            scopes: string[];
        };
        /** @description A sync to make. */
        NewAudienceSync: {
            audience_id: string;
            /** @description What its files are called; the audience's key when left out. */
            name?: string | null;
            /** @description Purpose of the consent that is asked for, for instance `marketing`. */
            purpose: string;
            /** @description Channel of it; `ads` when left out. */
            channel?: string | null;
            format: components["schemas"]["ExportFormat"];
            mode: components["schemas"]["SyncMode"];
            schedule?: components["schemas"]["ExportSchedule"] | null;
        };
        /** @description A destination to make. */
        NewDestination: {
            name: string;
            settings: components["schemas"]["DestinationSettings"];
            secrets?: components["schemas"]["DestinationSecrets"];
        };
        /** @description The owner account. */
        NewOwner: {
            email: string;
            name: string;
            password: string;
            locale?: string;
        };
        /** @description A new source. */
        NewSource: {
            name: string;
            kind: components["schemas"]["SourceKind"];
            settings?: components["schemas"]["SourceSettingsPatch"] | null;
        };
        /** @description A new user. */
        NewUser: {
            email: string;
            name: string;
            /** @enum {string} */
            role: "owner" | "admin" | "privacy" | "marketer" | "analyst" | "viewer";
            password: string;
            locale?: string | null;
        };
        /**
         * @description An identifier of 巨量引擎.
         * @enum {string}
         */
        OceanIdType: "phone_sha256" | "phone_md5" | "imei_md5" | "idfa_md5" | "oaid" | "oaid_md5";
        /** @description Another person, and why. */
        OtherPerson: {
            /** @description Its id, present or former. */
            other: string;
            /** @description Why, for the log. */
            note?: string;
        };
        /** @description A value that lost. */
        OtherValue: {
            value: unknown;
            event_at: string;
            source_name: string;
        };
        /** @description The first page. */
        Overview: {
            /** Format: int64 */
            revenue_minor: number;
            currency: string;
            /** Format: int64 */
            orders: number;
            /** Format: int64 */
            buyers: number;
            /** Format: int64 */
            new_people: number;
            /** Format: int64 */
            merged_people: number;
            events_per_day: components["schemas"]["DayCount"][];
            touchpoints: components["schemas"]["TouchpointCount"][];
            top_channels: components["schemas"]["TopChannel"][];
            attention: components["schemas"]["Attention"][];
            compare: components["schemas"]["Compare"];
        };
        /** @description The present password and the new one. */
        PasswordChange: {
            current: string;
            new: string;
        };
        /** @description Both crossings. */
        PathCross: {
            online_to_store: components["schemas"]["PathCrossing"];
            store_to_online: components["schemas"]["PathCrossing"];
        };
        /** @description Buyers on one side, and how many of them were touched on the other in the seven days before. */
        PathCrossing: {
            /**
             * Format: int64
             * @description Touched on the other side.
             */
            buyers: number;
            /**
             * Format: int64
             * @description All identified buyers of this side.
             */
            of: number;
            /** Format: double */
            share: number;
        };
        /** @description Conversions so many days after their first touch. */
        PathLag: {
            days: number;
            /** Format: int64 */
            conversions: number;
        };
        /** @description Conversions with so many touches. */
        PathLength: {
            touches: number;
            /** Format: int64 */
            conversions: number;
        };
        /** @description A frequent path. */
        PathTop: {
            /** @description Channel keys in order. */
            path: string[];
            /** Format: int64 */
            conversions: number;
            /** Format: int64 */
            revenue_minor: number;
        };
        /** @description Everything about one person. */
        Person: {
            id: string;
            /** @description Former ids. */
            aliases: string[];
            display_name: string;
            stage: string;
            /** @enum {string} */
            stage_source: "computed" | "manual";
            created_at: string;
            first_seen_at: string | null;
            last_seen_at: string | null;
            household: components["schemas"]["Household"] | null;
            identifiers: components["schemas"]["Identifier"][];
            traits: {
                [key: string]: unknown;
            };
            trait_details: components["schemas"]["TraitDetail"][];
            tags: components["schemas"]["PersonTag"][];
            /** @description Values of computed traits, by key. */
            computed: components["schemas"]["PersonComputedTrait"][];
            contact: components["schemas"]["ContactLight"][];
            consents: components["schemas"]["ConsentRecord"][];
            totals: components["schemas"]["PersonTotals"];
            review: components["schemas"]["ReviewItem"][];
            currency: string;
        };
        /** @description An audience that a person is in. */
        PersonAudience: {
            key: string;
            name: string;
            /** Format: int64 */
            version: number;
            since_at: string;
            cause: string;
        };
        /** @description The value of a computed trait. */
        PersonComputedTrait: {
            key: string;
            name: string;
            value: unknown;
        };
        /** @description One delivery of something about a person. */
        PersonExport: {
            /** @enum {string} */
            what: "sent" | "updated" | "removed";
            at: string;
            destination_id: string;
            destination: string;
            /** @description Kind of the destination. */
            kind: string;
            sync_id: string;
            /** @description Name of the sync. */
            sync: string;
            /** @description For which purpose, as the sync asks today. */
            purpose: string;
            run_id: string;
        };
        /** @description Where a person's data went, the newest first. */
        PersonExports: {
            items: components["schemas"]["PersonExport"][];
            /** @description Syncs whose destination holds the person now. */
            held: string[];
        };
        /** @description A page of people. */
        PersonPage: {
            /** @description The rows. */
            items: components["schemas"]["PersonRow"][];
            /** @description Give this back as `cursor`. */
            next: string | null;
        };
        /** @description What is predicted of a person. */
        PersonPrediction: {
            kind: string;
            /**
             * Format: double
             * @description A chance, or minor units.
             */
            value: number;
            /** @description The category of what predicts one. */
            label: string | null;
            /** @description Of chances a list of `{feature, value, log_odds}`, the strongest first; of value and category an object. */
            contributions: unknown;
            /** Format: int64 */
            version: number | null;
            /** @description Since when it is so. */
            scored_at: string;
        };
        /** @description A row of a list of people. */
        PersonRow: {
            id: string;
            display_name: string;
            identifiers: components["schemas"]["IdentifierRef"][];
            stage: string;
            tags: string[];
            last_seen_at: string | null;
            first_seen_at: string | null;
            /** Format: int64 */
            orders: number;
            /** Format: int64 */
            revenue_minor: number;
            currency: string;
            channels: string[];
        };
        /** @description A tag of a person. */
        PersonTag: {
            name: string;
            /** @description Who put it there; null when a rule did. */
            by: string | null;
            at: string;
            expires_at: string | null;
        };
        /** @description Sums over the person's line. */
        PersonTotals: {
            /** Format: int64 */
            events: number;
            /** Format: int64 */
            orders: number;
            /** Format: int64 */
            revenue_minor: number;
            currency: string;
            /** @description What was paid in other currencies; `revenue_minor` leaves it out. */
            other_revenue: components["schemas"]["CurrencyRevenue"][];
            first_touch: components["schemas"]["TouchRef"] | null;
            last_touch: components["schemas"]["TouchRef"] | null;
            channels: components["schemas"]["ChannelEvents"][];
        };
        /** @description A named description of customers, bound to an audience. */
        Persona: {
            key: string;
            name: string;
            description: string;
            /** @description Key of its audience. */
            audience: string;
            /**
             * Format: int64
             * @description How many people are in it; null until it is built.
             */
            people: number | null;
            updated_at: string;
        };
        /** @description A persona's people beside the average customer. */
        PersonaProfile: {
            persona: components["schemas"]["Profile"];
            everybody: components["schemas"]["Profile"];
        };
        /** @description A persona to make or change. */
        PersonaPut: {
            name: string;
            description?: string;
            /** @description Key of its audience. */
            audience: string;
        };
        /** @description The tracking plan. */
        Plan: {
            /**
             * Format: int64
             * @description Grows with every change.
             */
            version: number;
            events: components["schemas"]["PlanEvent"][];
            unplanned: components["schemas"]["UnplannedEvent"][];
        };
        /** @description An event of the plan. */
        PlanEvent: {
            /** @description Exact name; `$identify`, `$page` … stand for all events of that kind. */
            name: string;
            /** @description One of Segment's e-commerce events, known without being listed. */
            builtin: boolean;
            /** @description JSON Schema of the properties. */
            schema: {
                [key: string]: unknown;
            };
            description: string;
            updated_at: string | null;
            /**
             * Format: int64
             * @description Events recorded in the last 30 days.
             */
            seen_30d: number;
            /** @description Keywords of the schema that are not obeyed; only in the answer to a change. */
            notes?: components["schemas"]["PlanNote"][];
        };
        /** @description An event to plan. */
        PlanEventPut: {
            /** @description JSON Schema (draft-07 / 2020-12) of the properties. */
            schema: {
                [key: string]: unknown;
            };
            description?: string;
        };
        /** @description A keyword that is not obeyed. */
        PlanNote: {
            /** @description Where in the schema. */
            path: string;
            message: string;
        };
        /** @description A property as it was seen on an event. */
        PlanProperty: {
            name: string;
            /** @description JSON type and how often. */
            types: {
                [key: string]: number;
            };
            /** @description Values as sent; masked without the right to see personal data. */
            examples: unknown[];
        };
        /** @description What happens to each kind of deviation from the plan, with `plan_mode` `custom`. */
        PlanRules: {
            /** @enum {string} */
            unknown_event: "pass" | "warn" | "drop_property" | "quarantine";
            /** @enum {string} */
            unknown_property: "pass" | "warn" | "drop_property" | "quarantine";
            /** @enum {string} */
            wrong_type: "pass" | "warn" | "drop_property" | "quarantine";
            /** @enum {string} */
            missing_required: "pass" | "warn" | "drop_property" | "quarantine";
        };
        /** @description A kind of prediction. */
        Prediction: {
            /** @description `purchase_30d`, `lapse_90d`, `clv_365d`, `next_category`. */
            kind: string;
            live: components["schemas"]["PredictionVersion"] | null;
            refused: components["schemas"]["PredictionVersion"] | null;
            /** @description Why it waits, when it was never tried. */
            waits: string | null;
            /** @description `none`, `warn` (stability index of .1) or `stop` (.25): whether people drifted away from the live version. */
            alarm: string;
        };
        /** @description Customers with the same number of repeats. */
        PredictionByRepeats: {
            /**
             * Format: int32
             * @description The last row holds all with that many or more.
             */
            repeats: number;
            /** Format: int64 */
            customers: number;
            /** Format: double */
            actual: number;
            /** Format: double */
            predicted: number;
        };
        /** @description How often the next category was right. */
        PredictionCategory: {
            /** Format: int64 */
            people: number;
            /** Format: double */
            hit_1: number;
            /** Format: double */
            hit_3: number;
            /**
             * Format: double
             * @description The same for the best-sellers.
             */
            popular_1: number;
            /** Format: double */
            popular_3: number;
            /** Format: double */
            log_gain: number;
        };
        /** @description How chances did at a later cut-off than those they were learned at. */
        PredictionChance: {
            /** Format: int64 */
            people: number;
            /** Format: int64 */
            cases: number;
            /** Format: double */
            auc: number;
            /** Format: double */
            log_loss: number;
            /** Format: double */
            brier: number;
            /**
             * Format: double
             * @description Mean distance of predicted and actual part over the tenths.
             */
            calibration_error: number;
            tenths: components["schemas"]["PredictionTenth"][];
            /**
             * Format: double
             * @description AUC of days since the last order alone.
             */
            recency_auc: number;
            /**
             * Format: double
             * @description AUC of the orders of a year alone.
             */
            own_rate_auc: number;
            /** @description Left out because they tell the answer nearly alone. */
            refused_features: string[];
            /** Format: int64 */
            fitted_on: number;
            /** Format: int64 */
            calibrated_on: number;
        };
        /** @description The population stability index of a feature. */
        PredictionDrift: {
            feature: string;
            /** Format: double */
            index: number;
        };
        /** @description Predictions against what came in the days held out. */
        PredictionHoldout: {
            /** Format: int32 */
            days: number;
            /** Format: int64 */
            customers: number;
            /** Format: double */
            actual_total: number;
            /** Format: double */
            predicted_total: number;
            /**
             * Format: double
             * @description How far the total was off, as a part of what came.
             */
            bias: number;
            /** Format: double */
            mae: number;
            /** Format: double */
            rmse: number;
            /** Format: double */
            correlation: number;
            /** Format: double */
            rank_correlation: number;
            /**
             * Format: double
             * @description Part of the total that the tenth with the highest predictions brought.
             */
            top_tenth_share: number;
            /** Format: double */
            zero_mae: number;
            /** Format: double */
            own_rate_mae: number;
            by_repeats: components["schemas"]["PredictionByRepeats"][];
        };
        /** @description Why there is no version. */
        PredictionRefusal: {
            code: string;
            detail: string;
        };
        /** @description How scoring went. */
        PredictionScoring: {
            /** Format: int64 */
            people: number;
            /**
             * Format: int64
             * @description Those whose score is another than before.
             */
            changed: number;
            /**
             * Format: double
             * @description Population stability index of the scores.
             */
            drift: number | null;
            /** @description Of the features, the largest first. */
            features: components["schemas"]["PredictionDrift"][];
        };
        /** @description The settings of predictions. */
        PredictionSettings: {
            /**
             * Format: int32
             * @description Days within which a purchase counts; also those of the next category.
             */
            purchase_days: number;
            /**
             * Format: int32
             * @description Days without a purchase that count as lapsed.
             */
            lapse_days: number;
            /**
             * Format: int32
             * @description Days ahead over which value is expected.
             */
            value_days: number;
            /**
             * Format: int32
             * @description Days between trainings; 0 for none but those asked for.
             */
            retrain_days: number;
            /**
             * Format: double
             * @description Part of the revenue that is margin; 1 predicts revenue.
             */
            margin: number;
            /**
             * Format: double
             * @description Interest of a year by which later purchases count less; 0 for none.
             */
            yearly_discount: number;
        };
        /** @description A tenth of the people, best chances first. */
        PredictionTenth: {
            /** Format: int64 */
            people: number;
            /**
             * Format: double
             * @description Mean chance.
             */
            predicted: number;
            /**
             * Format: double
             * @description The part of them with whom it happened.
             */
            actual: number;
            /**
             * Format: double
             * @description That over the part of everybody.
             */
            lift: number;
            /**
             * Format: double
             * @description Part of all cases in this tenth and those before it.
             */
            captured: number;
        };
        /** @description The models behind value to come, and how they did. */
        PredictionValue: {
            /** @description `bg_nbd`, `mbg_nbd` or `nbd` (no leaving visible yet). */
            model: string;
            /** Format: double */
            r: number;
            /**
             * Format: double
             * @description In days.
             */
            alpha: number;
            /** Format: double */
            a: number;
            /** Format: double */
            b: number;
            /** Format: double */
            log_likelihood: number;
            /** Format: double */
            nbd_log_likelihood: number;
            /** @description Standard errors of the logarithms of r, alpha, a and b. */
            log_errors: number[];
            /** Format: int64 */
            customers: number;
            /** Format: double */
            p: number;
            /** Format: double */
            q: number;
            /**
             * Format: double
             * @description In minor units.
             */
            v: number;
            /** Format: int64 */
            spend_customers: number;
            /**
             * Format: double
             * @description Of how often and how much; the model takes it for none.
             */
            spend_correlation: number;
            purchases: components["schemas"]["PredictionHoldout"];
            /** @description In minor units. */
            value: components["schemas"]["PredictionHoldout"];
        };
        /** @description A version. */
        PredictionVersion: {
            /** Format: int64 */
            version: number;
            /** @description `live`, `retired` or `refused`. */
            state: string;
            trained_at: string;
            conversion: string;
            currency: string;
            /** Format: int64 */
            people: number;
            /** Format: int64 */
            buyers: number;
            /** Format: int64 */
            events: number;
            /** Format: int64 */
            history_days: number;
            /**
             * Format: double
             * @description Part of the people it learned from.
             */
            sampled: number;
            /** @description Where learning and judging were cut, the latest first. */
            cut_offs: string[];
            /**
             * Format: int64
             * @description Purchases in other currencies, left out.
             */
            other_currency: number;
            chance: components["schemas"]["PredictionChance"] | null;
            value: components["schemas"]["PredictionValue"] | null;
            category: components["schemas"]["PredictionCategory"] | null;
            refused: components["schemas"]["PredictionRefusal"] | null;
            scored_at: string | null;
            scoring: components["schemas"]["PredictionScoring"] | null;
        };
        /**
         * @description What is asked for.
         * @enum {string}
         */
        PrivacyKind: "erase" | "export" | "suppress" | "lift";
        /** @description A request with its receipt. */
        PrivacyRequest: {
            id: string;
            kind: components["schemas"]["PrivacyKind"];
            state: components["schemas"]["PrivacyState"];
            /** @description Keyed hash of the identifier it was asked by. */
            subject_hash: string;
            reason: string;
            created_at: string;
            done_at: string | null;
            receipt: components["schemas"]["Receipt"] | null;
            /** @description Until when the archive of an export can be fetched. */
            expires_at: string | null;
        };
        /** @description A page of requests. */
        PrivacyRequestPage: {
            items: components["schemas"]["PrivacyRequest"][];
            next: string | null;
        };
        /**
         * @description How far a request is.
         * @enum {string}
         */
        PrivacyState: "running" | "open" | "done";
        /** @description What every error answer looks like. */
        ProblemBody: {
            /**
             * Format: int32
             * @description HTTP status.
             */
            status: number;
            /** @description Stable, for programs. */
            code: string;
            /** @description What is wrong, where and how to mend it. */
            detail: string;
            /** @description The detail as codes and values, to say it in another language; absent when it is not known by its form. */
            wording?: components["schemas"]["Wording"][];
        };
        /** @description Who some people are. */
        Profile: {
            /** Format: int64 */
            people: number;
            /**
             * Format: int64
             * @description How many were looked at: fewer than `people` when an even sample stands for all.
             */
            looked_at: number;
            gender: components["schemas"]["ProfileSpread"];
            age: components["schemas"]["ProfileSpread"];
            city: components["schemas"]["ProfileSpread"];
            province: components["schemas"]["ProfileSpread"];
            stage: components["schemas"]["ProfileSpread"];
            /** @description Kinds of sources that saw them; somebody can be seen by several. */
            channel: components["schemas"]["ProfileSpread"];
            /** @description What they buy most; known when the computed trait `favourite_category` is enabled. */
            category: components["schemas"]["ProfileSpread"];
            value: components["schemas"]["ProfileWorth"];
        };
        /** @description How many have a value. */
        ProfileShare: {
            value: string;
            /** Format: int64 */
            people: number;
            /**
             * Format: double
             * @description Share of those of whom it is known, 0 to 1.
             */
            share: number;
        };
        /** @description Values of one kind, the most frequent first. */
        ProfileSpread: {
            /**
             * Format: int64
             * @description People of whom it is known.
             */
            known: number;
            top: components["schemas"]["ProfileShare"][];
        };
        /** @description What people are worth, in the report's currency. */
        ProfileWorth: {
            /**
             * Format: double
             * @description Share of those who bought.
             */
            buyers: number;
            /**
             * Format: double
             * @description Orders a person.
             */
            orders: number;
            /**
             * Format: double
             * @description Net revenue a person, minor units.
             */
            revenue_minor: number;
            /**
             * Format: double
             * @description Net revenue an order, minor units; null without orders.
             */
            order_minor: number | null;
            currency: string;
        };
        /** @description What to give up: either `ids` or `filter`. */
        QuarantineDiscardIn: {
            ids?: string[] | null;
            filter?: components["schemas"]["QuarantineFilter"] | null;
            reason: string;
        };
        /** @description Which open events are meant; absent fields match all. */
        QuarantineFilter: {
            reason?: string | null;
            source_id?: string | null;
            event_name?: string | null;
        };
        /** @description Open events of one reason, name and source. */
        QuarantineGroup: {
            reason: string;
            event_name: string;
            source_id: string;
            source_name: string;
            /** Format: int64 */
            count: number;
            first_at: string;
            last_at: string;
            sample_detail: string;
            /** @description At most three, the newest first. */
            samples: components["schemas"]["QuarantineItem"][];
        };
        /** @description A quarantined event. */
        QuarantineItem: {
            id: string;
            received_at: string;
            source_id: string;
            source_name: string;
            reason: string;
            detail: string;
            /** @description The detail as codes and values, to say it in another language. */
            wording: components["schemas"]["Wording"][];
            event_name: string;
            /** @description As sent; values are masked without the right to see personal data. */
            raw: {
                [key: string]: unknown;
            };
            state: components["schemas"]["QuarantineState"];
            replayed_at: string | null;
            /** @description When it was discarded. */
            discarded_at: string | null;
            /** @description Why it was discarded. */
            note: string | null;
        };
        /** @description A page of quarantined events. */
        QuarantinePage: {
            items: components["schemas"]["QuarantineItem"][];
            next: string | null;
        };
        /** @description What a fix would do to an event. */
        QuarantinePreview: {
            id: string;
            before: {
                [key: string]: unknown;
            };
            after: {
                [key: string]: unknown;
            };
            /** @description `accepted`, `corrected`, `quarantined`, `rejected`. */
            verdict: string;
            /** @description Why it would stay. */
            reason: string | null;
            /** @description What is still wrong. */
            detail: string | null;
            /** @description The detail as codes and values, to say it in another language. */
            wording: components["schemas"]["Wording"][];
        };
        /** @description What to preview: either `ids` or `filter`. */
        QuarantinePreviewIn: {
            ids?: string[] | null;
            filter?: components["schemas"]["QuarantineFilter"] | null;
            fix: components["schemas"]["FixOps"];
            /**
             * Format: int32
             * @description 1 to 100; 20 when absent.
             */
            limit?: number | null;
        };
        /** @description What became of the replayed events. It is complete: the answer comes after the commit. */
        QuarantineReplay: {
            /** Format: int64 */
            accepted: number;
            /** Format: int64 */
            corrected: number;
            /**
             * Format: int64
             * @description Replayed before; nothing changed.
             */
            duplicate: number;
            /**
             * Format: int64
             * @description Still waiting.
             */
            quarantined: number;
            /**
             * Format: int64
             * @description Refused because their person was erased; they are discarded.
             */
            rejected: number;
            errors: string[];
            /** @description The saved fix. */
            fix_id: string | null;
            /** @description More match than one call replays (20,000): send the request again with this as `after`. */
            next: string | null;
        };
        /** @description What to replay: either `ids` or `filter`. */
        QuarantineReplayIn: {
            ids?: string[] | null;
            filter?: components["schemas"]["QuarantineFilter"] | null;
            fix?: components["schemas"]["NamedFix"] | null;
            /** @description New events pass through the fix from now on. */
            save_fix?: boolean;
            /** @description `next` of the answer before, to go on with the same filter. */
            after?: string | null;
        };
        /**
         * @description What became of a quarantined event.
         * @enum {string}
         */
        QuarantineState: "open" | "replayed" | "discarded";
        /** @description What was done where. */
        Receipt: {
            /** @description Who asked: `usr_…`, `key_…`, `cli`. */
            by: string;
            legal_hold: string | null;
            lines: components["schemas"]["ReceiptLine"][];
            /**
             * Format: int64
             * @description Identifiers kept out by a keyed hash.
             */
            tombstones: number;
        };
        /** @description One place where something may have been. */
        ReceiptLine: {
            /** @description `store.consent`, `lake.rows` … */
            place: string;
            /** Format: int64 */
            found: number;
            /** Format: int64 */
            removed: number;
            /**
             * Format: int64
             * @description Kept without the person: as proof of consent or under a legal hold.
             */
            restricted: number;
            at: string;
            /** @description Keyed checksum of the line. */
            checksum: string;
            state: components["schemas"]["ReceiptState"];
        };
        /**
         * @description Whether a line of a receipt is settled.
         * @enum {string}
         */
        ReceiptState: "open" | "closed";
        /** @description A line that is no identifier. */
        RefusedLine: {
            line: number;
            reason: string;
        };
        /** @description Why a pair is probable. `prior_bits`, those of the fields, `household_bits` and `answers_bits` add up to `bits`. */
        ReviewComparison: {
            /**
             * Format: double
             * @description Of one person: `1 / (1 + 2^-bits)`.
             */
            probability: number;
            /** Format: double */
            bits: number;
            /**
             * Format: double
             * @description How rare pairs of one person are.
             */
            prior_bits: number;
            /**
             * Format: double
             * @description What being of one household explains; never above zero.
             */
            household_bits: number;
            /**
             * Format: double
             * @description What people's answers to other pairs say.
             */
            answers_bits: number;
            /** Format: int64 */
            model_version: number;
            fields: components["schemas"]["ReviewField"][];
        };
        /** @description A decision, and why. */
        ReviewDecision: {
            decision: components["schemas"]["ReviewVerdict"];
            note?: string;
        };
        /** @description How one field of a probable pair compares. */
        ReviewField: {
            /** @description `given_name`, `middle_name`, `surname`, `birthday`, `phone`, `email`, `number`, `address`, `place`, `text`, `category`. */
            kind: string;
            /** @description The level reached, for instance `exact` or `one_edit`; none where a side says nothing. */
            level: string | null;
            /**
             * Format: double
             * @description For one person, in bits; below zero against it.
             */
            bits: number;
            /**
             * Format: double
             * @description What of it is due to the value being rare or frequent.
             */
            frequency_bits: number;
            /** @description What one side says now, as far as the caller may see it. */
            a: string[];
            /** @description What the other says now. */
            b: string[];
        };
        /** @description An item of the review queue. */
        ReviewItem: {
            id: string;
            /** @description `refused_merge`, `equal_rank`, `suspended`, `family_phone`, `contested`, `probable`. */
            kind: string;
            at: string;
            persons: components["schemas"]["ReviewPerson"][];
            identifiers: components["schemas"]["IdentifierRef"][];
            reason: string;
            /** @description The reason as codes and values, to say it in another language. */
            wording: components["schemas"]["Wording"][];
            event_id: string | null;
            comparison: components["schemas"]["ReviewComparison"] | null;
            state: string;
            decided_by: string | null;
            decision: string | null;
        };
        /** @description A page of the queue. */
        ReviewPage: {
            items: components["schemas"]["ReviewItem"][];
            /** @description Give this back as `cursor`. */
            next: string | null;
        };
        /** @description A person beside a review item. */
        ReviewPerson: {
            id: string;
            display_name: string;
            identifiers: components["schemas"]["IdentifierRef"][];
            traits: {
                [key: string]: unknown;
            };
            last_seen_at: string | null;
        };
        /**
         * @description What is decided about an item.
         * @enum {string}
         */
        ReviewVerdict: "merge" | "keep_apart" | "dismiss";
        /** @description Where the five steps of recency, frequency and money part. */
        RfmCutsView: {
            at: string;
            /**
             * Format: int64
             * @description How many buyers they were worked out from.
             */
            people: number;
            /** @description Days since the last order. */
            recency: number[];
            /** @description Orders. */
            frequency: number[];
            /** @description Money net of what was given back, in major units. */
            monetary: number[];
        };
        /** @description How long the old key still works. */
        Rotate: {
            /** Format: int32 */
            grace_hours?: number | null;
        };
        /** @description The new version, and the job that applies it to what is there already. */
        RulesAccepted: {
            /** Format: int32 */
            version: number;
            job_id: string;
        };
        /** @description The difference in numbers. */
        RulesCounts: {
            /** Format: int64 */
            people_before: number;
            /** Format: int64 */
            people_after: number;
            /**
             * Format: int64
             * @description People that would fall apart.
             */
            split: number;
            /**
             * Format: int64
             * @description People that would be made of several.
             */
            joined: number;
            /**
             * Format: int64
             * @description Events whose person would be another one.
             */
            events_affected: number;
        };
        /** @description What changed rules would make of the people there are. */
        RulesDifference: {
            split: components["schemas"]["SplitExample"][];
            joined: components["schemas"]["JoinExample"][];
            counts: components["schemas"]["RulesCounts"];
            /**
             * Format: int64
             * @description Examples shown of each kind, at most.
             */
            sample_limit: number;
        };
        /** @description A version of the rules, without its text. */
        RulesHistory: {
            /** Format: int64 */
            version: number;
            at: string;
            actor: string;
            note: string;
        };
        /** @description Rules to try or to put in force. */
        RulesIn: {
            /** @description As GET shows them. With `version`, they are refused when another one is in force meanwhile. */
            rules: {
                [key: string]: unknown;
            };
            /** @description Why, for the history. */
            note?: string | null;
        };
        /** @description How far the latest change was applied to what was there before it. */
        RulesProgress: {
            /** Format: int32 */
            version: number;
            /**
             * Format: int64
             * @description Identifiers looked at.
             */
            done: number;
            /**
             * Format: int64
             * @description Identifiers there were when it began.
             */
            total: number;
            /**
             * Format: int64
             * @description Identifiers whose person changed.
             */
            moved: number;
            finished: boolean;
        };
        /** @description A simulation of changed rules. */
        RulesSimulation: {
            id: string;
            state: components["schemas"]["SimulationState"];
            /**
             * Format: int64
             * @description Identifiers looked at.
             */
            done: number;
            /**
             * Format: int64
             * @description Identifiers there are.
             */
            total: number;
            result: components["schemas"]["RulesDifference"] | null;
        };
        /** @description The rules in force. */
        RulesVersion: {
            /** Format: int32 */
            version: number;
            /** @description Namespaces, blocked values, caps. */
            rules: {
                [key: string]: unknown;
            };
            /** @description Newest first; empty while the built-in rules hold. */
            history: components["schemas"]["RulesHistory"][];
            progress: components["schemas"]["RulesProgress"] | null;
        };
        /** @description How many people went which way in a run. */
        RunCounts: {
            /**
             * Format: int64
             * @description People of the audience that were looked at.
             */
            members: number;
            /**
             * Format: int64
             * @description Sent who were not there.
             */
            sent: number;
            /**
             * Format: int64
             * @description Sent anew.
             */
            updated: number;
            /**
             * Format: int64
             * @description Taken back.
             */
            removed: number;
            /**
             * Format: int64
             * @description Left as they were.
             */
            unchanged: number;
            /**
             * Format: int64
             * @description Not sent: nothing allows it for this purpose and channel.
             */
            no_consent: number;
            /**
             * Format: int64
             * @description Not sent: the format has nothing to recognise them by.
             */
            no_address: number;
            /**
             * Format: int64
             * @description Not sent: nothing may be collected about them.
             */
            suppressed: number;
        };
        /** @description What was delivered. */
        RunFile: {
            /** @description Name of the file, or of the first request of a webhook. */
            name: string;
            /** @description Where it lies. */
            place: string;
            /** @description `all`, `added`, `removed`; of a webhook `all` or `changes`. */
            holds: string;
            /**
             * Format: int64
             * @description Records.
             */
            rows: number;
            /** Format: int64 */
            bytes: number;
            /** @description Hexadecimal; empty for a webhook. */
            sha256: string;
        };
        /** @description A session: who, the token that writes must repeat, and what may be done. */
        Session: {
            user: components["schemas"]["Me"];
            csrf_token: string;
            scopes: string[];
        };
        /** @description What set-up still needs. */
        Setup: {
            needs_owner: boolean;
            product_version: string;
            demo: boolean;
        };
        /** @description A mapping that comes with the product. */
        ShippedMapping: {
            name: string;
            description: string;
            toml: string;
        };
        /** @description A definition in both its forms. */
        Shown: {
            /** @description As JSON; `GET /api/audiences/schema` describes it. */
            definition: {
                [key: string]: unknown;
            };
            /** @description As text. */
            text: string;
        };
        /** @description Address and password. */
        SignIn: {
            email: string;
            password: string;
        };
        /** @description What one event led to. */
        SimulatedDecision: {
            /**
             * Format: int64
             * @description Its place in the list, from 0.
             */
            event: number;
            /** @description The identifier it hangs on; empty when it has no usable one. */
            line: components["schemas"]["IdentifierRef"];
            /** @description `new_person`, `attached`, `merged`, `refused_limit`, `refused`, `no_usable_identifier`. */
            reason: string;
            /** @description People that were absorbed. */
            merges: string[];
            /** @description Claims that were kept out, with the reason. */
            dropped: string[];
            /** @description The same, each as codes and values, to say it in another language. */
            dropped_wording: components["schemas"]["Wording"][][];
        };
        /** @description A person that the events make. */
        SimulatedPerson: {
            id: string;
            identifiers: components["schemas"]["IdentifierRef"][];
        };
        /** @description What the rules make of some events. */
        Simulation: {
            persons: components["schemas"]["SimulatedPerson"][];
            decisions: components["schemas"]["SimulatedDecision"][];
        };
        /**
         * @description Where a simulation stands.
         * @enum {string}
         */
        SimulationState: "waiting" | "running" | "done" | "stopped" | "failed";
        /** @description Events to try the rules on. */
        SimulatorIn: {
            /** @description In the form Segment's SDKs send them, at most 1,000. */
            events: {
                [key: string]: unknown;
            }[];
            /** @description Other rules than those in force. */
            rules?: {
                [key: string]: unknown;
            } | null;
        };
        /** @description Code by SDK. */
        Snippets: {
            /** @description Our own tag. */
            web: string;
            /** @description Segment's browser SDK. */
            browser: string;
            /** @description Segment's Node SDK. */
            node: string;
            /** @description Segment's Python SDK. */
            python: string;
            /** @description RudderStack. */
            rudder: string;
            /** @description PostHog. */
            posthog: string;
            /** @description Jitsu. */
            jitsu: string;
            /** @description 神策. */
            sensors: string;
            /** @description Snowplow. */
            snowplow: string;
            /** @description Plain HTTP. */
            curl: string;
            /** @description Signed webhook. */
            webhook: string;
        };
        /** @description A source of events. */
        Source: {
            id: string;
            name: string;
            kind: components["schemas"]["SourceKind"];
            state: components["schemas"]["SourceState"];
            write_keys: components["schemas"]["WriteKey"][];
            settings: components["schemas"]["SourceSettings"];
            counts: components["schemas"]["SourceCounts"];
            created_at: string;
            /** @description The secret of a webhook, shown this once: when it was made or rotated. */
            webhook_secret?: string;
        };
        /** @description What a source brought. */
        SourceCounts: {
            /** Format: int64 */
            events: number;
            /** Format: int64 */
            people: number;
            /** Format: int64 */
            quarantined_open: number;
            /** Format: int64 */
            warnings_24h: number;
            last_at: string | null;
        };
        /**
         * @description What a source is.
         * @enum {string}
         */
        SourceKind: "web" | "app" | "mini_program" | "server" | "pos" | "marketplace" | "ads" | "email" | "sms" | "social" | "service" | "webhook" | "import";
        /** @description Every source. */
        SourcePage: {
            items: components["schemas"]["Source"][];
            next: string | null;
        };
        /** @description A change of a source. What is left out stays. */
        SourcePatch: {
            name?: string | null;
            state?: components["schemas"]["SourceState"] | null;
            settings?: components["schemas"]["SourceSettingsPatch"] | null;
        };
        /** @description Settings of a source. */
        SourceSettings: {
            /** @description It vouches for phones and e-mails. */
            verified: boolean;
            /** @description Region of phone numbers without a country code. */
            default_region: string;
            default_currency: string;
            time_zone: string;
            /** @enum {string} */
            stitching: "auto" | "session" | "since_logout" | "all" | "off";
            /** @description Its devices speak for nobody. */
            kiosk: boolean;
            /** @enum {string} */
            plan_mode: "allow" | "warn" | "quarantine" | "custom";
            plan_rules: components["schemas"]["PlanRules"];
            /**
             * Format: int32
             * @description Oldest age accepted.
             */
            acceptance_days: number;
            /** @enum {string} */
            ip: "truncate" | "full" | "drop";
            identifier_fields: components["schemas"]["IdentifierField"][];
            /** @description The app whose openids it sends. */
            openid_app: string | null;
            webhook: components["schemas"]["WebhookView"] | null;
        };
        /** @description A change of settings. What is left out stays. */
        SourceSettingsPatch: {
            verified?: boolean | null;
            default_region?: string | null;
            default_currency?: string | null;
            time_zone?: string | null;
            /** @enum {string} */
            stitching?: "auto" | "session" | "since_logout" | "all" | "off";
            kiosk?: boolean | null;
            /** @enum {string} */
            plan_mode?: "allow" | "warn" | "quarantine" | "custom";
            plan_rules?: components["schemas"]["PlanRules"] | null;
            /** Format: int32 */
            acceptance_days?: number | null;
            /** @enum {string} */
            ip?: "truncate" | "full" | "drop";
            identifier_fields?: components["schemas"]["IdentifierField"][] | null;
            /** @description Empty text takes it away. */
            openid_app?: string | null;
            webhook?: components["schemas"]["WebhookPatch"] | null;
        };
        /**
         * @description Whether a source takes events.
         * @enum {string}
         */
        SourceState: "active" | "disabled";
        /** @description A repeated oddity. */
        SourceWarning: {
            at: string;
            code: string;
            detail: string;
            /** @description The detail as codes and values, to say it in another language. */
            wording: components["schemas"]["Wording"][];
            /** Format: int64 */
            count: number;
            first_at: string;
        };
        /** @description Warnings of a source. */
        SourceWarningPage: {
            items: components["schemas"]["SourceWarning"][];
            next: string | null;
        };
        /** @description A page of spend. */
        SpendPage: {
            items: components["schemas"]["SpendRow"][];
            next: string | null;
        };
        /** @description Spend of a day, channel and campaign. */
        SpendRow: {
            id?: string;
            /** @description `YYYY-MM-DD`. */
            date: string;
            channel: string;
            /** @description Empty for the channel as a whole. */
            campaign: string;
            /** Format: int64 */
            impressions: number;
            /** Format: int64 */
            clicks: number;
            /** Format: int64 */
            cost_minor: number;
            currency: string;
            import_id?: string | null;
        };
        /** @description A person that would fall apart. */
        SplitExample: {
            person_id: string;
            /** @description The identifiers of each part. */
            into: components["schemas"]["IdentifierRef"][][];
        };
        /** @description A stage, or null to compute it again. */
        StagePut: {
            stage?: string | null;
        };
        /** @description The state of the installation. */
        Status: {
            /**
             * Format: int64
             * @description Events recorded, hot and sealed.
             */
            events: number;
            /**
             * Format: int64
             * @description People with more than devices.
             */
            people: number;
            /** Format: int64 */
            anonymous_people: number;
            /**
             * Format: int64
             * @description Open quarantined events.
             */
            quarantined: number;
            /** Format: int64 */
            sealed_events: number;
            /** Format: int64 */
            hot_events: number;
            /** Format: int64 */
            sources: number;
            /**
             * Format: int64
             * @description Open items of the identity review.
             */
            reviews: number;
            version: string;
            /** @enum {string} */
            database: "sqlite" | "postgresql";
            /** Format: int64 */
            uptime_s: number;
            /** Format: int64 */
            seal_lag_s: number;
            follower: components["schemas"]["Follower"];
            audiences: components["schemas"]["AudienceState"];
            ingest: components["schemas"]["Ingest"];
            demo: components["schemas"]["DemoState"] | null;
            jobs: components["schemas"]["Jobs"];
            /**
             * Format: int64
             * @description Prediction models that people have drifted away from; see `/api/predictions`.
             */
            drifting_models: number;
        };
        /** @description A suspended identifier. */
        Suspended: {
            identifier_id: string;
            namespace: string;
            value: string;
            /**
             * Format: int64
             * @description People it was joined to within the 24 hours before.
             */
            persons_24h: number;
            since: string;
            reason: string;
            /** @description The reason as codes and values, to say it in another language. */
            wording: components["schemas"]["Wording"][];
        };
        /** @description A decision. */
        SuspendedAction: {
            action: components["schemas"]["SuspendedVerdict"];
        };
        /** @description A page of them, the latest first. */
        SuspendedPage: {
            items: components["schemas"]["Suspended"][];
            /** @description Give this back as `cursor`. */
            next: string | null;
        };
        /**
         * @description What is done with it.
         * @enum {string}
         */
        SuspendedVerdict: "release" | "block";
        /**
         * @description When a sync runs.
         * @enum {string}
         */
        SyncMode: "scheduled" | "continuous";
        /** @description One run. */
        SyncRun: {
            id: string;
            /** @description `snapshot` or `delta`. */
            kind: string;
            /** @description `running`, `retrying`, `done`, `failed`. */
            state: string;
            started_at: string;
            finished_at: string | null;
            /**
             * Format: int32
             * @description Attempts begun.
             */
            attempts: number;
            counts: components["schemas"]["RunCounts"];
            files: components["schemas"]["RunFile"][];
            /** @description What went wrong and how to mend it. */
            error: string | null;
        };
        /** @description Runs, the newest first. */
        SyncRunPage: {
            items: components["schemas"]["SyncRun"][];
            next: string | null;
        };
        /**
         * @description Where a sync stands.
         * @enum {string}
         */
        SyncState: "active" | "paused" | "ending" | "ended";
        /** @description A tag with what is said of it and how many people have it. */
        Tag: {
            name: string;
            /**
             * Format: int64
             * @description How many people have it, by hand or by rule.
             */
            count: number;
            /**
             * Format: double
             * @description Share of all people, 0 to 1.
             */
            share: number;
            /**
             * Format: int64
             * @description How many more have it than 7 days ago; null when nobody counted then.
             */
            change_7d: number | null;
            /**
             * Format: int64
             * @description How many more have it than 30 days ago; null when nobody counted then.
             */
            change_30d: number | null;
            /** @description Key of its category. */
            category: string | null;
            description: string;
            /** @description Key of the audience whose members have it. */
            audience: string | null;
            /**
             * Format: int64
             * @description Put by hand it ends after so many days.
             */
            valid_days: number | null;
            /** @description Other names, in lower case and without spaces. */
            synonyms: string[];
        };
        /** @description A tag. */
        TagAdd: {
            tag: string;
            /** @description When it ends; when its definition says, or never, when left out. */
            expires_at?: string | null;
        };
        /** @description A category of tags. */
        TagCategory: {
            key: string;
            name: string;
            /**
             * Format: int64
             * @description Where it stands among the others.
             */
            position: number;
        };
        /** @description A category to make or change. */
        TagCategoryPut: {
            name: string;
            /**
             * Format: int64
             * @description Where it stands among the others.
             */
            position?: number;
        };
        /** @description What is said of a tag. */
        TagPut: {
            /** @description Key of its category. */
            category?: string | null;
            /** @description What it means. */
            description?: string;
            /** @description Key of an audience: its members have the tag, as long as they are in it. */
            audience?: string | null;
            /**
             * Format: int64
             * @description Put by hand it ends after so many days, 1 to 3650.
             */
            valid_days?: number | null;
            /** @description Other names; rules, imports and people that use one of them mean this tag. */
            synonyms?: string[];
        };
        /** @description A work on many people's tags. */
        TagWork: {
            id: string;
            /** @enum {string} */
            verb: "add" | "remove" | "merge";
            /** @description The tag that is put or taken; of a merge the one that stays. */
            tag: string;
            /** @enum {string} */
            of: "audience" | "list" | "tag";
            /** @description Key of the audience or list; the tag. */
            key: string;
            expires_at: string | null;
            /** @enum {string} */
            state: "running" | "done" | "failed" | "undoing" | "undone";
            /**
             * Format: int64
             * @description People to look at; of a list at most.
             */
            total: number;
            /** Format: int64 */
            done: number;
            /**
             * Format: int64
             * @description Tags put or taken.
             */
            changed: number;
            actor: string;
            created_at: string;
            finished_at: string | null;
            error: string | null;
        };
        /** @description A work to begin. Exactly one of `audience`, `list` and `of_tag` says whose tags. */
        TagWorkNew: {
            /** @enum {string} */
            verb: "add" | "remove" | "merge";
            /** @description The tag that is put or taken; of a merge the one that stays. */
            tag: string;
            /** @description Key of an audience: everybody who is in it now. */
            audience?: string | null;
            /** @description Key of a list: everybody on it who is known. */
            list?: string | null;
            /** @description A tag: everybody who has it by hand. For `merge`, and to take a tag off everybody. */
            of_tag?: string | null;
            /** @description When the tags that are put end. */
            expires_at?: string | null;
        };
        /** @description A page of works, the newest first. */
        TagWorkPage: {
            items: components["schemas"]["TagWork"][];
            /** @description Give this back as `cursor`. */
            next: string | null;
        };
        /**
         * @description A `user_id_type` of 腾讯广告.
         * @enum {string}
         */
        TencentIdType: "phone_md5" | "phone_sha256" | "imei_md5" | "idfa_md5" | "oaid" | "oaid_md5" | "wechat_openid" | "wechat_unionid";
        /** @description One event of the line. */
        TimelineItem: {
            id: string;
            event_at: string;
            received_at: string;
            kind: string;
            name: string;
            title: string;
            source_id: string;
            source_name: string;
            source_kind: string;
            touch: components["schemas"]["TimelineTouch"] | null;
            /** Format: int64 */
            value_minor: number | null;
            currency: string | null;
            order_id: string | null;
            message_id: string;
            properties: {
                [key: string]: unknown;
            };
            context: {
                [key: string]: unknown;
            };
            traits: {
                [key: string]: unknown;
            };
            line: components["schemas"]["IdentifierRef"];
            corrections: components["schemas"]["CorrectionView"][];
            replayed: boolean;
            bot: boolean;
            sealed: boolean;
        };
        /** @description A page of the line. */
        TimelinePage: {
            items: components["schemas"]["TimelineItem"][];
            next: string | null;
        };
        /** @description How the customer came to an event. */
        TimelineTouch: {
            channel: string;
            campaign: string | null;
            touchpoint: string | null;
        };
        /** @description A channel by what it brought. */
        TopChannel: {
            key: string;
            label: string;
            /** Format: int64 */
            revenue_minor: number;
            /** Format: double */
            conversions: number;
        };
        /** @description One condition of a rule. */
        TouchCondition: {
            /**
             * @description A field of the signature.
             * @enum {string}
             */
            field: "source_kind" | "event" | "referrer_host" | "utm_source" | "utm_medium" | "utm_campaign" | "utm_content" | "utm_term" | "click_id" | "channel" | "campaign" | "touchpoint";
            /**
             * @description How a field is compared. Case does not matter.
             * @enum {string}
             */
            op: "equals" | "not_equals" | "contains" | "prefix" | "present" | "absent";
            /** @description With what; empty for `present` and `absent`. */
            values?: string[];
        };
        /** @description What a matching signature becomes. Texts may hold fields in braces: `{utm_campaign|campaign}`. */
        TouchOutcome: {
            /** @description It is no touch at all. */
            ignore?: boolean;
            channel?: string;
            campaign?: string;
            touchpoint?: string;
            /** @description Kind of the touch; the channel's usual one when left out. */
            kind?: string | null;
        };
        /** @description A touch. */
        TouchRef: {
            channel: string;
            campaign: string | null;
            at: string;
        };
        /** @description A rule. The first enabled one whose conditions all hold decides. */
        TouchRule: {
            /** @description Stable name. */
            id: string;
            enabled?: boolean;
            /** @description Why it is there. */
            note?: string;
            /** @description All must hold. */
            when: components["schemas"]["TouchCondition"][];
            then: components["schemas"]["TouchOutcome"];
        };
        /** @description The rule table in force. */
        TouchRules: {
            /** Format: int64 */
            version: number;
            rules: components["schemas"]["TouchRule"][];
            channels: components["schemas"]["Channel"][];
            /** @description These are the built-in rules. */
            defaults: boolean;
        };
        /** @description A new rule table. */
        TouchRulesPut: {
            rules: components["schemas"]["TouchRule"][];
        };
        /** @description What is tried: signatures, or the address of a page with its referrer. */
        TouchTestIn: {
            signatures?: {
                [key: string]: unknown;
            }[];
            url?: string;
            referrer?: string;
        };
        /** @description What the rules make of it. Without a channel it is no touch. */
        TouchTested: {
            channel: string;
            campaign: string | null;
            touchpoint: string | null;
            kind: string;
            /** @description The rule that decided; null when none matched. */
            rule_id: string | null;
        };
        /** @description A source on the overview. */
        TouchpointCount: {
            source_id: string;
            name: string;
            kind: string;
            /** Format: int64 */
            events: number;
            /** Format: int64 */
            people: number;
            last_at: string | null;
        };
        /** @description A trait with where it comes from. */
        TraitDetail: {
            name: string;
            value: unknown;
            event_at: string;
            source_id: string;
            source_name: string;
            identifier_id: string | null;
            rule: string;
            others: components["schemas"]["OtherValue"][];
        };
        /** @description A value a trait had. */
        TraitHistoryRow: {
            value: unknown;
            event_at: string;
            source_name: string;
            identifier: string | null;
        };
        /** @description A signature that no rule gives a channel. */
        Unclassified: {
            /** @description Its fields, those that hold something. */
            signature: {
                [key: string]: unknown;
            };
            /** Format: int64 */
            events: number;
            last_at: string;
        };
        /** @description What to take apart. */
        UnmergeIn: {
            /** @description Identifiers that leave, with whatever hangs on them alone. */
            identifiers?: components["schemas"]["IdentifierRef"][];
            /** @description Numbers of rows of evidence that shall not count any more. */
            evidence?: string[];
            /**
             * @description Keep the parts apart from now on. True when left out.
             * @default true
             */
            block_future: boolean;
            /**
             * @description Always true: evidence and audit are append-only.
             * @default true
             */
            keep_audit: boolean;
            /** @description Why, for the log. */
            note?: string;
            /** @description Only say what would happen. */
            dry_run?: boolean | null;
        };
        /** @description What became, or with `dry_run` would become, of the person. */
        Unmerged: {
            /** @description Who is there now; the part that stays comes first. */
            persons: string[];
            /**
             * Format: int64
             * @description Events that leave with the other parts.
             */
            events_moved: number;
            /** @description What else leaves with them: `events`, `orders`, `traits`, `consents`, `tags`. */
            affected: {
                [key: string]: number;
            };
        };
        /** @description A name that arrives and is not planned. */
        UnplannedEvent: {
            name: string;
            /**
             * Format: int64
             * @description Events of the last 30 days, and those in quarantine because of the name.
             */
            count: number;
            /** @description The planned name it looks like. */
            suggestion: string | null;
            /** @description Names of sources. */
            sources: string[];
        };
        /** @description A user of the console. */
        User: {
            id: string;
            email: string;
            name: string;
            /** @enum {string} */
            role: "owner" | "admin" | "privacy" | "marketer" | "analyst" | "viewer";
            locale: string;
            disabled: boolean;
            created_at: string;
            last_seen_at: string | null;
        };
        /** @description A change of a user. */
        UserPatch: {
            name?: string | null;
            /** @enum {string} */
            role?: "owner" | "admin" | "privacy" | "marketer" | "analyst" | "viewer";
            disabled?: boolean | null;
            password?: string | null;
        };
        /** @description A change of a signed webhook. */
        WebhookPatch: {
            /** @description A secret given by the sending system; at least 16 characters. The present one ends at once. */
            secret?: string | null;
            /** @description Replaces the whole mapping. */
            mapping?: {
                [key: string]: string;
            } | null;
        };
        /** @description A signed webhook as shown. */
        WebhookView: {
            /** @description The end of the secret. */
            secret_hint: string;
            /** @description Field of the event and its path in the body; empty when the body is in Segment's shape. */
            mapping: {
                [key: string]: string;
            };
        };
        /** @description A sentence as a code and what is filled in, to say it in another language. */
        Wording: {
            /** @description Stable, for programs; the same sentence has the same code everywhere. */
            code: string;
            /**
             * @description What is filled in, as text. `of` is the identifier, column or field that the sentence is about,
             *     `group_line` the line of a file for whose sake another one was refused.
             */
            params: {
                [key: string]: string;
            };
        };
        /** @description A write key. It can only write. */
        WriteKey: {
            id: string;
            key: string;
            created_at: string;
            expires_at: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    api_key_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"][];
                };
            };
        };
    };
    api_key_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyCreated"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    api_key_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_list_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceList"][];
                };
            };
        };
    };
    audience_list_upload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudienceListIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceListUploaded"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_list_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_list_unmatched: {
        parameters: {
            query?: {
                /** @description Namespace of the last one seen. */
                after_namespace?: string;
                /** @description Value of the last one seen. */
                after_value?: string;
                /** @description Rows, 1 to 500. */
                limit?: number;
            };
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentifierRef"][];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_list: {
        parameters: {
            query?: {
                /** @description With archived ones. */
                archived?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Audience"][];
                };
            };
        };
    };
    audience_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudienceIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceFull"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CheckIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckOut"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_combine: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudienceCombine"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Shown"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audiences_compare: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudiencesCompare"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudiencesCompared"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_estimate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EstimateIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceEstimate"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_schema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/schema+json": {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
    audience_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceFull"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudiencePatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceFull"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_members: {
        parameters: {
            query?: {
                /** @description Of this version; of the one in force when left out. */
                version?: number;
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceMembers"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_export: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_reach: {
        parameters: {
            query?: {
                /** @description Marketing when left out. */
                purpose?: string;
            };
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceReach"][];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_apply: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudienceApply"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceFull"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_compare: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceDiff"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_stop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceFull"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audit_list: {
        parameters: {
            query?: {
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
        };
    };
    pack_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComputedPack"][];
                };
            };
        };
    };
    pack_enable: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ComputedPacksEnable"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComputedPack"][];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    trait_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComputedTrait"][];
                };
            };
        };
    };
    trait_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComputedTrait"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    trait_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ComputedTraitPut"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComputedTrait"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    trait_archive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    trait_distribution: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComputedDistribution"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    trait_versions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComputedTraitVersion"][];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    conversion_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversion"][];
                };
            };
        };
    };
    conversion_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConversionIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversion"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    conversion_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    conversion_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConversionIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversion"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    credit_paths: {
        parameters: {
            query?: {
                /** @description Key or id of the conversion; the default one when absent. */
                conversion?: string;
                /** @description `first`, `last`, `last_non_direct`, `linear` (default), `time_decay`, `position`. */
                model?: string;
                /** @description How long before a conversion a touch may lie, 1 to 3650; 30 when absent. */
                lookback_days?: number;
                /** @description `channel` (default), `campaign`, `touchpoint`. */
                by?: string;
                /** @description First instant (RFC 3339) or day of the period; the beginning of the history when absent. */
                from?: string;
                /** @description First instant after the period, or its last day; now when absent. */
                to?: string;
                /** @description Half-life of `time_decay`; 7 when absent. */
                half_life_days?: number;
                /** @description Only rows of this channel. */
                channel?: string;
                /** @description Language of labels: `en` or `zh-CN`; the caller's when absent. */
                locale?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreditPaths"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    credit_people: {
        parameters: {
            query?: {
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description As in the report. */
                conversion?: string;
                /** @description As in the report. */
                model?: string;
                /** @description As in the report. */
                by?: string;
                /** @description A row's key, or `unattributed`; everyone who converted when absent. */
                key?: string;
                /** @description As in the report. */
                from?: string;
                /** @description As in the report. */
                to?: string;
                /** @description As in the report. */
                lookback_days?: number;
                /** @description As in the report. */
                half_life_days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    credit_report: {
        parameters: {
            query?: {
                /** @description Key or id of the conversion; the default one when absent. */
                conversion?: string;
                /** @description `first`, `last`, `last_non_direct`, `linear` (default), `time_decay`, `position`. */
                model?: string;
                /** @description How long before a conversion a touch may lie, 1 to 3650; 30 when absent. */
                lookback_days?: number;
                /** @description `channel` (default), `campaign`, `touchpoint`. */
                by?: string;
                /** @description First instant (RFC 3339) or day of the period; the beginning of the history when absent. */
                from?: string;
                /** @description First instant after the period, or its last day; now when absent. */
                to?: string;
                /** @description Half-life of `time_decay`; 7 when absent. */
                half_life_days?: number;
                /** @description Only rows of this channel. */
                channel?: string;
                /** @description Language of labels: `en` or `zh-CN`; the caller's when absent. */
                locale?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreditReport"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    spend_list: {
        parameters: {
            query?: {
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description First day. */
                from?: string;
                /** @description Last day. */
                to?: string;
                /** @description Channel. */
                channel?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpendPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    spend_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SpendRow"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpendRow"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    spend_delete: {
        parameters: {
            query?: {
                /** @description `YYYY-MM-DD`. */
                date?: string;
                /** @description Channel. */
                channel?: string;
                /** @description Campaign; empty or absent for the channel as a whole. */
                campaign?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    destination_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DestinationPage"];
                };
            };
        };
    };
    destination_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDestination"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Destination"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    destination_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Destination"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    destination_end: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    destination_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DestinationPatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Destination"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    sync_create: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAudienceSync"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceSync"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    destination_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DestinationTest"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    fix_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Fix"][];
                };
            };
        };
    };
    fix_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    household_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Household"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    blocked_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Blocked"];
                };
            };
        };
    };
    blocked_add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BlockedIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlockedRule"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    blocked_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    review_list: {
        parameters: {
            query?: {
                /** @description `open` (when left out) or `done`. */
                state?: string;
                /** @description `refused_merge`, `equal_rank`, `suspended`, `family_phone`, `contested`, `probable`. */
                kind?: string;
                /** @description Rows a page. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    review_decide: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReviewDecision"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewItem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    rules_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulesVersion"];
                };
            };
        };
    };
    rules_put: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RulesIn"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulesAccepted"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    simulation_begin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RulesIn"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulesSimulation"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    simulation_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulesSimulation"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    simulation_stop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    simulator: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SimulatorIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    suspended_list: {
        parameters: {
            query?: {
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuspendedPage"];
                };
            };
        };
    };
    suspended_act: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuspendedAction"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    import_list: {
        parameters: {
            query?: {
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPage"];
                };
            };
        };
    };
    import_upload: {
        parameters: {
            query?: {
                /** @description The file's name. */
                file_name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportCreated"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    import_mappings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShippedMapping"][];
                };
            };
        };
    };
    import_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    import_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    import_draft: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportGuess"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    import_dry_run: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DryRunIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DryRun"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    import_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    import_rejects: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    import_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    import_start: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportStart"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    job_list: {
        parameters: {
            query?: {
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description `ready`, `leased`, `done` or `dead`; all when absent. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    job_requeue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    lake_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LakeStatus"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    lake_compact: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAccepted"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    lake_seal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAccepted"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    lake_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAccepted"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: {
                /** @description Only of this source. */
                source_id?: string;
                /** @description Only with this verdict. */
                verdict?: string;
                /** @description Part of the name. */
                name?: string;
                /** @description Only of this person. */
                person_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["LiveMessage"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    matching_run: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MatchingRequest"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MatchingAccepted"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    matching_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MatchingSettings"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MatchingSettings"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    matching_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MatchingStatus"];
                };
            };
        };
    };
    me_update: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MePatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    overview_get: {
        parameters: {
            query?: {
                /** @description Days back from now, 1 to 730; 30 when absent. */
                days?: number;
                /** @description Language of labels: `en` or `zh-CN`. */
                locale?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    people_list: {
        parameters: {
            query?: {
                /** @description Beginning of an identifier, a name, pinyin; or a person's id. */
                q?: string;
                /** @description Stage. */
                stage?: string;
                /** @description Tag. */
                tag?: string;
                /** @description Kind of a source that saw them. */
                source_kind?: string;
                /** @description `email`, `phone`, `order` or a namespace. */
                has?: string;
                /** @description Known or anonymous. */
                identified?: boolean;
                /** @description `last_seen`, `created`, `revenue`. */
                sort?: string;
                /** @description Rows a page. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonPage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    person_by_identifier: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                namespace: string;
                value: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    person_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    person_audiences: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonAudience"][];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    audience_why: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceWhy"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    person_cannot_link: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OtherPerson"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    consent_add: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsentIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsentRecord"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    person_explain: {
        parameters: {
            query?: {
                /** @description A person's id, present or former. */
                other?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explain"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    person_exports: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonExports"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    may_contact: {
        parameters: {
            query: {
                /** @description Purpose. */
                purpose: string;
                /** @description Channel. */
                channel: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MayContact"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    person_merge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OtherPerson"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Merged"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    person_predictions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonPrediction"][];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    stage_set: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StagePut"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    tag_add: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagAdd"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    tag_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                tag: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    person_timeline: {
        parameters: {
            query?: {
                /** @description `track`, `page` … */
                kind?: string;
                /** @description Part of the name. */
                name?: string;
                /** @description Channel of the touch. */
                channel?: string;
                /** @description Source. */
                source_id?: string;
                /** @description Kind of the source. */
                source_kind?: string;
                /** @description Not before. */
                from?: string;
                /** @description Not after. */
                to?: string;
                /** @description Rows a page. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimelinePage"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    traits_set: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    trait_history: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TraitHistoryRow"][];
                };
            };
        };
    };
    person_unmerge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UnmergeIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unmerged"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    persona_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Persona"][];
                };
            };
        };
    };
    persona_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Persona"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    persona_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonaPut"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Persona"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    persona_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    persona_profile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonaProfile"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    plan_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
        };
    };
    plan_event_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanEventPut"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanEvent"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    plan_event_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    plan_event_properties: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanProperty"][];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    prediction_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Prediction"][];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    prediction_settings_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PredictionSettings"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    prediction_settings_put: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PredictionSettings"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PredictionSettings"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    prediction_train: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAccepted"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    prediction_versions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PredictionVersion"][];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    privacy_erase: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EraseIn"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrivacyRequest"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    privacy_export: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IdentifierIn"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrivacyRequest"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    privacy_lift: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LiftIn"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    privacy_list: {
        parameters: {
            query?: {
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrivacyRequestPage"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    privacy_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrivacyRequest"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    privacy_archive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": number[];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    privacy_suppress: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IdentifierIn"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    quarantine_list: {
        parameters: {
            query?: {
                /** @description Only with this reason. */
                reason?: string;
                /** @description Only of this source. */
                source_id?: string;
                /** @description Only in this state; all when absent. */
                state?: components["schemas"]["QuarantineState"];
                /** @description Only of this name. */
                event_name?: string;
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinePage"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    quarantine_discard: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuarantineDiscardIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Discarded"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    quarantine_groups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineGroup"][];
                };
            };
        };
    };
    quarantine_preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuarantinePreviewIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinePreview"][];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    quarantine_replay: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuarantineReplayIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineReplay"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    quarantine_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineItem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    rfm_cuts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RfmCutsView"][];
                };
            };
        };
    };
    rfm_renew: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RfmCutsView"] | null;
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    run_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    session_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    session_open: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    session_close: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    settings_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    setup_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setup"];
                };
            };
        };
    };
    owner_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOwner"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourcePage"];
                };
            };
        };
    };
    source_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSource"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SourcePatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rotate"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_snippets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Snippets"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    source_warnings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceWarningPage"];
                };
            };
        };
    };
    status_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    sync_list: {
        parameters: {
            query?: {
                /** @description Of one destination. */
                destination?: string;
                /** @description Of one audience. */
                audience?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceSyncPage"];
                };
            };
        };
    };
    sync_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceSync"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    sync_end: {
        parameters: {
            query?: {
                /** @description Remove everybody from the destination first; yes when left out. */
                take_back?: boolean;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceSync"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    sync_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudienceSyncPatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceSync"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    sync_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceSync"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    sync_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceSync"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    sync_run: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceSync"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    sync_runs: {
        parameters: {
            query?: {
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncRunPage"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    category_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagCategory"][];
                };
            };
        };
    };
    category_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagCategoryPut"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagCategory"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    category_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    work_list: {
        parameters: {
            query?: {
                /** @description Rows a page, 1 to 500. */
                limit?: number;
                /** @description `next` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagWorkPage"];
                };
            };
        };
    };
    work_begin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagWorkNew"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagWork"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    work_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagWork"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    work_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagWork"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    tag_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"][];
                };
            };
        };
    };
    tag_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tag: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    tag_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tag: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagPut"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    tag_forget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tag: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    touch_rules_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TouchRules"];
                };
            };
        };
    };
    touch_rules_put: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TouchRulesPut"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TouchRules"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    touch_rules_test: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TouchTestIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TouchTested"][];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    touch_unclassified: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unclassified"][];
                };
            };
        };
    };
    user_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"][];
                };
            };
        };
    };
    user_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    user_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
    user_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemBody"];
                };
            };
        };
    };
}

-- What clients have spent, for several instances. Unlogged: after a crash everybody may begin anew.
create unlogged table "Budget" (
    "key" varchar(255) not null,
    "points" integer not null default 0,
    "expire" bigint,

    constraint "Budget_pkey" primary key ("key")
);

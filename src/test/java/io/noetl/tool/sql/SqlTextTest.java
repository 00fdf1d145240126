package io.noetl.tool.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlTextTest {
  @Test
  void cutsAtSemicolonsAndDropsEmptyFragments() {
    assertThat(SqlText.statements(" select 1 ;; select 2;\n;"))
        .containsExactly("select 1", "select 2");
    assertThat(SqlText.statements("")).isEmpty();
    assertThat(SqlText.statements(" ; \n ;")).isEmpty();
  }

  @Test
  void dropsFragmentsOfCommentsOnly() {
    assertThat(SqlText.statements("-- a; b\n/* c; */; select 1 -- d;\n; -- e"))
        .containsExactly("select 1 -- d;");
  }

  @Test
  void keepsSemicolonsInLiteralsAndQuotedNames() {
    assertThat(SqlText.statements("select 'a;''b;', \"x;\"\"y;\"; select 2"))
        .containsExactly("select 'a;''b;', \"x;\"\"y;\"", "select 2");
  }

  @Test
  void backslashesCountOnlyInEscapeStrings() {
    assertThat(SqlText.statements("select E'a\\';b'; select 2"))
        .containsExactly("select E'a\\';b'", "select 2");
    assertThat(SqlText.statements("select 'a\\'; select 2"))
        .containsExactly("select 'a\\'", "select 2");
    assertThat(SqlText.statements("select name'a\\'; select 2")).hasSize(2);
  }

  @Test
  void keepsSemicolonsInDollarQuotes() {
    String function =
        "create function f() returns int as $body$ begin return $$;$$; end; $body$ language x";
    assertThat(SqlText.statements(function + "; select 1")).containsExactly(function, "select 1");
    assertThat(SqlText.statements("do $$ begin; end $$; select $1; select a$b$;"))
        .containsExactly("do $$ begin; end $$", "select $1", "select a$b$");
  }

  @Test
  void blockCommentsNest() {
    assertThat(SqlText.statements("select 1 /* a /* b; */ c; */; select 2"))
        .containsExactly("select 1 /* a /* b; */ c; */", "select 2");
  }

  @Test
  void whatIsNotClosedReachesToTheEnd() {
    assertThat(SqlText.statements("select 'a; select 2")).containsExactly("select 'a; select 2");
    assertThat(SqlText.statements("select $$a; select 2")).hasSize(1);
    assertThat(SqlText.statements("select 1 /* ; select 2")).hasSize(1);
  }

  @Test
  void readsTheFirstWords() {
    assertThat(SqlText.words("/* x */ (Select 'y' from \"T\" order by z", 3))
        .containsExactly("SELECT", "FROM", "ORDER");
  }
}

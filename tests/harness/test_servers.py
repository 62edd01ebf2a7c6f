"""The servers that other tests stand on start, answer, and survive a crash."""


def test_mariadb(mariadb):
    assert mariadb.execute("SELECT VERSION()")[0][0].startswith("10.11")
    mariadb.kill()
    mariadb.start()
    assert mariadb.execute("SELECT 1") == ((1,),)


def test_mysql56(mysql56):
    assert mysql56.execute("SELECT VERSION()")[0][0].startswith("5.6")

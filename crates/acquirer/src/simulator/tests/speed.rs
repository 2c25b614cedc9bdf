//! temp
use super::*;
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn speed() {
    let folder = tempfile::Builder::new().tempdir_in("/work/main/target").unwrap();
    let world = Arc::new(World::on(Database::Sqlite(SqliteOptions::new(folder.path().join("book.db"))), Home::File { _folder: folder }));
    let n = 100_000usize;
    let t = std::time::Instant::now();
    let names = run(&world, n, |w, i| w.request(&format!("chg-{i:012}-a"), authorize("visa", 1000))).await;
    println!("authorize {}/s", n as u128 * 1000 / t.elapsed().as_millis());
    let names = Arc::new(names);
    let t = std::time::Instant::now();
    let nn = names.clone();
    run(&world, n, move |w, i| w.request(&format!("chg-{i:012}-c"), capture(&nn[i], 900))).await;
    println!("capture {}/s", n as u128 * 1000 / t.elapsed().as_millis());
    let t = std::time::Instant::now();
    assert!(world.disagreements().await.is_empty());
    println!("check {} ms", t.elapsed().as_millis());
    for sql in ["EXPLAIN QUERY PLAN SELECT operation_key FROM sim_operation WHERE authorization_id IS NOT NULL AND (shop_id, environment, authorization_id) > (1,'a','b') AND (shop_id, environment, authorization_id) <= (1,'a','c') ORDER BY shop_id, environment, authorization_id",
       "EXPLAIN QUERY PLAN SELECT shop_id FROM sim_authorization WHERE (shop_id, environment, authorization_id) > (1,'a','b') ORDER BY shop_id, environment, authorization_id LIMIT 5"] {
        println!("{:?}", world.read(move |tx| tx.query(sql, &[])).await);
    }
}
async fn run(world: &Arc<World>, n: usize, make: impl Fn(&World, usize) -> Request + Send + Sync + 'static) -> Vec<String> {
    let make = Arc::new(make);
    let tasks: Vec<_> = (0..64).map(|k| { let (world, make) = (world.clone(), make.clone()); tokio::spawn(async move {
        let mut out = vec![];
        let mut i = k; while i < n { let a = world.simulator.answer(make(&world, i)).await; out.push((i, name_of(&a))); i += 64; } out }) }).collect();
    let mut all = vec![];
    for t in tasks { all.extend(t.await.unwrap()); }
    all.sort();
    all.into_iter().map(|(_, n)| n).collect()
}

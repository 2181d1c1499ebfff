/* Doors with keys, without the broker around them: who comes in while there is a handler, and that nobody does without. */
#include <stdio.h>
#include <zmq.h>

#include "broker/access_file.h"
#include "broker/doors.h"
#include "broker/zap.h"
#include "proto/tocsin_base.h"
#include "tests/test_support.h"

struct world {
    void *zmq;
    struct door_key key;
    struct door door;
    struct access_gate *gate;
    struct denials denials;
    struct stats stats;
    struct arrivals arrivals;
    struct zap *zap;
    char client_public[41], client_secret[41];
};

static void make_key(char public_text[41], char secret_text[41], struct door_key *key)
{
    assert_int_equal(zmq_curve_keypair(public_text, secret_text), 0);
    if (!key)
        return;
    assert_true(curve_key_read(key->public_key, span_of_str(public_text)));
    assert_true(curve_key_read(key->secret_key, span_of_str(secret_text)));
}

static struct access *access_with(const char *public_text)
{
    struct access *access;
    struct text message;
    char yaml[256];
    snprintf(yaml, sizeof yaml, "keys:\n  - {name: a, public: \"%s\", publish: [\"*\"]}\n", public_text);
    text_init(&message);
    assert_int_equal(access_file_parse(&access, span_of_str(yaml), "a", &message), TOCSIN_OK);
    text_fini(&message);
    return access;
}

static const struct settings_realms no_realms;

static void start_handler(struct world *world)
{
    const struct zap_options options = {world->zmq,    world->gate,      &world->denials,
                                        &world->stats, &world->arrivals, &no_realms};
    world->zap = zap_start(&options);
    assert_non_null(world->zap);
}

static int set_up(void **state)
{
    static struct world world;
    char public_text[41], secret_text[41];
    struct text message;
    world = (struct world){.zmq = zmq_ctx_new()};
    make_key(public_text, secret_text, &world.key);
    make_key(world.client_public, world.client_secret, NULL);
    denials_init(&world.denials);
    arrivals_init(&world.arrivals);
    world.gate = access_gate_new(access_with(world.client_public));
    text_init(&message);
    assert_int_equal(door_open_append(&world.door, world.zmq, &world.key, "tcp://127.0.0.1:*", 1000, &message),
                     TOCSIN_OK);
    text_fini(&message);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    door_close(&world->door, 0);
    zap_stop(&world->zap);
    access_gate_free(&world->gate);
    denials_fini(&world->denials);
    arrivals_fini(&world->arrivals);
    zmq_ctx_term(world->zmq);
    return 0;
}

/* What the first handshake of a client with the known key comes to. */
static bool is_let_in(struct world *world)
{
    static unsigned count;
    char endpoint[64];
    int zero = 0;
    void *context = zmq_ctx_new();
    void *client = zmq_socket(context, ZMQ_DEALER), *monitor = zmq_socket(context, ZMQ_PAIR);
    snprintf(endpoint, sizeof endpoint, "inproc://monitor-%u", count++);
    zmq_setsockopt(client, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(client, ZMQ_CURVE_SERVERKEY, world->key.public_key, CURVE_KEY_LEN);
    zmq_setsockopt(client, ZMQ_CURVE_PUBLICKEY, world->client_public, 41);
    zmq_setsockopt(client, ZMQ_CURVE_SECRETKEY, world->client_secret, 41);
    int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED;
    assert_int_equal(zmq_socket_monitor(client, endpoint, events), 0);
    assert_int_equal(zmq_connect(monitor, endpoint), 0);
    assert_int_equal(zmq_connect(client, world->door.endpoint), 0);
    uint8_t frame[6];
    uint16_t event;
    assert_true(zmq_recv(monitor, frame, sizeof frame, 0) >= (int)sizeof event);
    memcpy(&event, frame, sizeof event);
    zmq_socket_monitor(client, NULL, 0);
    zmq_close(monitor);
    zmq_close(client);
    zmq_ctx_term(context);
    return event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
}

static void with_a_handler_a_known_key_comes_in(void **state)
{
    struct world *world = *state;
    start_handler(world);
    assert_true(is_let_in(world));
    assert_int_equal(stats_get(&world->stats.handshakes_accepted), 1);
}

static void without_a_handler_nobody_comes_in(void **state)
{
    struct world *world = *state;
    assert_false(is_let_in(world));
    start_handler(world);
    assert_true(is_let_in(world));
    zap_stop(&world->zap);
    assert_false(is_let_in(world));
}

static void a_door_that_is_tried_with_a_key_that_nobody_has_refuses_it(void **state)
{
    struct world *world = *state;
    struct text message;
    text_init(&message);
    start_handler(world);
    zap_set_quiet(world->zap, true);
    assert_int_equal(door_try(&world->door, world->zmq, &world->key, &message), TOCSIN_OK);
    assert_int_equal(stats_get(&world->stats.handshakes_denied), 0);
    zap_set_quiet(world->zap, false);
    text_fini(&message);
}

/* A handler as it must not be: it says yes to everybody. */
static void let_everybody_in(void *socket)
{
    char id[256];
    int len = 0, more = 1;
    size_t size = sizeof more;
    for (int part = 0; more; part++) {
        char frame[256];
        int got = zmq_recv(socket, frame, sizeof frame, 0);
        if (part == 1) {
            len = got;
            memcpy(id, frame, (size_t)got);
        }
        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
    }
    zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(socket, id, (size_t)len, ZMQ_SNDMORE);
    zmq_send(socket, "200", 3, ZMQ_SNDMORE);
    zmq_send(socket, "OK", 2, ZMQ_SNDMORE);
    zmq_send(socket, "anybody", 7, ZMQ_SNDMORE);
    zmq_send(socket, "", 0, 0);
}

static void *run_bad_handler(void *socket)
{
    let_everybody_in(socket);
    return NULL;
}

static void a_door_that_lets_everybody_in_is_found_out(void **state)
{
    struct world *world = *state;
    struct text message;
    pthread_t thread;
    void *handler = zmq_socket(world->zmq, ZMQ_REP);
    text_init(&message);
    assert_int_equal(zmq_bind(handler, "inproc://zeromq.zap.01"), 0);
    assert_int_equal(pthread_create(&thread, NULL, run_bad_handler, handler), 0);
    assert_int_equal(door_try(&world->door, world->zmq, &world->key, &message), TOCSIN_E_PROTOCOL);
    text_put_char(&message, '\0');
    assert_non_null(strstr(message.data, "was let in"));
    pthread_join(thread, NULL);
    zmq_close(handler);
    text_fini(&message);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(with_a_handler_a_known_key_comes_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_handler_nobody_comes_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_door_that_is_tried_with_a_key_that_nobody_has_refuses_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_door_that_lets_everybody_in_is_found_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

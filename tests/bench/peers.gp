# Bars of what ./dev bench peers found: gnuplot -e "rows='peers.tsv'; picture='peers.svg'" peers.gp
set terminal svg size 1000,560 noenhanced font "sans,12" background "white"
set output picture
set datafile separator "\t"
set title "events of 350 bytes a second, one producer, one consumer, as a multiple of zmq_proxy"
set style fill solid 0.8
set boxwidth 0.7
set yrange [-0.6:*] reverse
stats rows using 5 nooutput
set xrange [0:1.15 * STATS_max]
set grid x
set ytics nomirror
unset key
only = "< awk -F '\t' '$1 == \"350 bytes\" {print $2 \" (\" $3 \")\t\" $5}' ".rows
plot only using (column(2)*0.5):0:(column(2)*0.5):(0.35):ytic(1) with boxxyerror lc rgb "#3b6ea5", \
     only using 2:0:(sprintf(" %.2f", column(2))) with labels left offset 0.5,0
